"""What clang itself kept of a run (--serialize-diagnostics), read by its own library."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint, c_void_p
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

ERROR = 3  # 4: one that ends the run


class _String(Structure):
    _fields_ = [("data", c_void_p), ("flags", c_uint)]


class _Place(Structure):
    _fields_ = [("pointers", c_void_p * 2), ("number", c_uint)]


@dataclass(frozen=True)
class Told:
    path: str
    line: int
    message: str
    option: str


def library() -> ctypes.CDLL | None:
    """The one that came with clang; None where there is none."""
    found = [*Path("/usr/lib").glob("llvm-*/lib/libclang*.so*")]
    names = [str(path) for path in found if "cpp" not in path.name] + [find_library("clang") or ""]
    for name in filter(None, names):
        try:
            return _typed(ctypes.CDLL(name))
        except OSError:
            continue
    return None


def _typed(clang: ctypes.CDLL) -> ctypes.CDLL:
    for name, result, *arguments in (
        ("loadDiagnostics", c_void_p, c_char_p, POINTER(c_int), POINTER(_String)),
        ("getNumDiagnosticsInSet", c_uint, c_void_p),
        ("getDiagnosticInSet", c_void_p, c_void_p, c_uint),
        ("getDiagnosticSeverity", c_int, c_void_p),
        ("getDiagnosticSpelling", _String, c_void_p),
        ("getDiagnosticOption", _String, c_void_p, c_void_p),
        ("getDiagnosticLocation", _Place, c_void_p),
        (
            "getExpansionLocation",
            None,
            _Place,
            POINTER(c_void_p),
            POINTER(c_uint),
            c_void_p,
            c_void_p,
        ),
        ("getFileName", _String, c_void_p),
        ("getCString", c_char_p, _String),
    ):
        function = getattr(clang, f"clang_{name}")
        function.restype, function.argtypes = result, arguments
    return clang


def told(clang: ctypes.CDLL, kept: Path) -> Iterator[Told]:
    """The errors of a file of diagnostics that have a place."""

    def text(value: _String) -> str:
        return (clang.clang_getCString(value) or b"").decode()

    fault, why = c_int(), _String()
    every = clang.clang_loadDiagnostics(str(kept).encode(), byref(fault), byref(why))
    assert every, text(why)
    for number in range(clang.clang_getNumDiagnosticsInSet(every)):
        one = clang.clang_getDiagnosticInSet(every, number)
        if clang.clang_getDiagnosticSeverity(one) >= ERROR:
            path, line = c_void_p(), c_uint()
            place = clang.clang_getDiagnosticLocation(one)
            clang.clang_getExpansionLocation(place, byref(path), byref(line), None, None)
            name = text(clang.clang_getFileName(path)) if path else ""
            option = text(clang.clang_getDiagnosticOption(one, None))
            if name:
                yield Told(name, line.value, text(clang.clang_getDiagnosticSpelling(one)), option)
