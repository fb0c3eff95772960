"""Ruff's fixes and format, only those asked for, on a copy in a temporary folder.

The rules are ours, only fixes that ruff calls safe are made, and the settings of the project count
for how code looks: line length, target version, import sorting, exclusions, per-file ignores. So
ruff runs on a copy of the Python files beside the project's `*.toml` files; the working tree is
only read. Settings of ruff are data and run nothing; settings outside of the project do not count.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from codexspark_tui.codemods.model import Answer, CannotDo, Edits, FileEdit, Tidy
from codexspark_tui.codemods.packages import Packages, parent
from codexspark_tui.codemods.sources import Library

_RULES = {
    "imports": ("F401",),
    "sort": ("I001",),
    "modernise": ("UP",),
    "simplify": ("SIM", "RET", "C4", "PIE"),
}
_DONE = {
    "imports": "remove unused imports",
    "sort": "sort imports",
    "modernise": "modernise syntax",
    "simplify": "simplify code",
    "format": "format",
}
_LONGEST_ARGUMENTS = 60_000
_REQUIRED = re.compile(r"^[ \t]*required-version[ \t]*=.*$", re.MULTILINE)
_CONFIG_NAMES = ("ruff.toml", ".ruff.toml")


@dataclass(slots=True)
class _Report:
    """What ruff said: files that do not parse, and findings that it would not fix safely."""

    broken: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    failed: str = ""


def tidy(request: Tidy, library: Library) -> Answer:
    """The fixes that were asked for, in the files asked for, as edits."""
    asked = [name for name in _DONE if getattr(request, name)]
    if not asked:
        return CannotDo(
            "nothing to tidy was asked for",
            "Say which: --imports --sort --modernise --simplify --format",
        )
    chosen = [p for p in library.select(request.files) if p.endswith((".py", ".pyi"))]
    if not chosen:
        where = f" in {', '.join(request.files)}" if request.files else ""
        return CannotDo(
            f"there are no Python files{where}", "Name files or folders of this project"
        )
    texts = {p: s.text for p in chosen if (s := library.source(p)) is not None}
    if request.files and not texts:
        reasons = "; ".join(f"{p}: {why}" for p, why in sorted(library.skipped.items()))
        return CannotDo(f"none of the files can be read ({reasons})", "Name other files")
    with tempfile.TemporaryDirectory(prefix="spark-tidy-") as folder:
        copy = _Copy(Path(folder), library, named=bool(request.files))
        copy.fill(texts)
        report = copy.run(asked, sorted(texts))
        if report.failed:
            return CannotDo(
                f"ruff could not run with the settings of this project: {report.failed}",
                "Correct the ruff settings in pyproject.toml or ruff.toml",
            )
        files = tuple(copy.edits(texts))
    what = ", ".join(_DONE[name] for name in asked)
    if not files:
        nothing = f"nothing to do: {what} changes no file of {len(texts)}"
        return _nothing(nothing, library, report)
    return Edits(
        files=files,
        summary=f"{what[0].upper()}{what[1:]} in {len(files)} of {len(texts)} files",
        library=f"ruff {version('ruff')}",
        skipped=_skipped(library, report),
        notices=_notices(report),
    )


def _nothing(summary: str, library: Library, report: _Report) -> Edits:
    """No edits is an answer, not a failure: the files are tidy already."""
    return Edits(
        (),
        f"{summary[0].upper()}{summary[1:]}",
        f"ruff {version('ruff')}",
        skipped=_skipped(library, report),
        notices=_notices(report),
    )


def _skipped(library: Library, report: _Report) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**library.skipped, **report.broken}.items()))


def _notices(report: _Report) -> tuple[str, ...]:
    if not report.left:
        return ()
    shown = ", ".join(report.left[:5]) + (" …" if len(report.left) > 5 else "")
    count = len(report.left)
    verb = "finding has" if count == 1 else "findings have"
    return (f"{count} {verb} no fix that is surely safe and stay as they are: {shown}",)


class _Copy:
    """A copy of the files that ruff needs, and ruff runs on it. `named`: the user named files."""

    def __init__(self, folder: Path, library: Library, *, named: bool) -> None:
        self._home = folder / "home"
        self._tree = folder / "tree"
        self._library = library
        self._named = named
        self._home.mkdir()
        self._tree.mkdir()

    def fill(self, texts: dict[str, str]) -> None:
        """Writes `texts`, the project's settings, and empty files in place of the other modules.

        The empty ones let ruff see which imports are of the project itself.
        """
        for path, text in texts.items():
            self._write(path, text.encode("utf-8", "surrogateescape"))
        settings = [p for p in self._library.files if p.endswith(".toml")]
        for path in settings:
            source = self._library.source(path)
            if source is not None:
                self._write(path, _REQUIRED.sub("", source.text).encode())
        for path in self._library.python_files:
            if path not in texts:
                self._write(path, b"")
        if not any(_has_settings(self._tree / p) for p in settings if not parent(p)):
            self._write_defaults()

    def _write_defaults(self) -> None:
        """Settings of our own keep ruff from looking for some above the temporary folder."""
        roots = Packages(self._library).roots
        lines = [f"src = {json.dumps([root or '.' for root in roots])}"]
        self._write("ruff.toml", ("\n".join(lines) + "\n").encode())

    def _write(self, path: str, data: bytes) -> None:
        target = self._tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def run(self, asked: Sequence[str], paths: Sequence[str]) -> _Report:
        report = _Report()
        rules = [rule for name in asked for rule in _RULES.get(name, ())]
        for batch in _batches(paths):
            self._library.check_stop()
            self._check(rules or ["E9"], batch, report)
            good = [p for p in batch if p not in report.broken]
            if "format" in asked and good and not report.failed:
                self._format(good, report)
            if report.failed:
                break
        return report

    def _check(self, rules: Sequence[str], paths: Sequence[str], report: _Report) -> None:
        done = self._ruff(
            *(
                "check",
                "--fix",
                "--no-unsafe-fixes",
                "--fixable",
                "ALL",
                "--select",
                ",".join(rules),
            ),
            *("--output-format", "json", *self._common(), "--", *paths),
        )
        if done.returncode not in {0, 1}:
            report.failed = _reason(done.stderr)
            return
        for finding in json.loads(done.stdout or b"[]"):
            path = os.path.relpath(finding["filename"], os.path.realpath(self._tree))
            line = (finding.get("location") or {}).get("row", 1)
            code = finding.get("code")
            if code in {None, "invalid-syntax"}:
                report.broken.setdefault(
                    path, f"it does not parse as Python (line {line}: {finding['message']})"
                )
            else:
                report.left.append(f"{code} {path}:{line}")

    def _format(self, paths: Sequence[str], report: _Report) -> None:
        done = self._ruff("format", *self._common(), "--", *paths)
        if done.returncode != 0:
            report.failed = _reason(done.stderr)

    def _common(self) -> list[str]:
        exclusions = "--no-force-exclude" if self._named else "--force-exclude"
        return ["--no-cache", exclusions]

    def _ruff(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RUFF_")}
        kept |= {"HOME": str(self._home), "XDG_CONFIG_HOME": str(self._home), "NO_COLOR": "1"}
        return subprocess.run(
            [_ruff_binary(), *arguments],
            cwd=self._tree,
            env=kept,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def edits(self, texts: dict[str, str]) -> Iterator[FileEdit]:
        for path, before in sorted(texts.items()):
            after = (self._tree / path).read_bytes().decode("utf-8", "surrogateescape")
            if after != before:
                yield FileEdit(path, before, after)


def _ruff_binary() -> str:
    """The binary that came with the installed package, not one on PATH."""
    return str(import_module("ruff").find_ruff_bin())


def _has_settings(path: Path) -> bool:
    """Whether `path`, a TOML file in the root, holds settings of ruff."""
    if path.name in _CONFIG_NAMES:
        return True
    if path.name != "pyproject.toml":
        return False
    try:
        tool = tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return isinstance(tool, dict) and "ruff" in tool


def _batches(paths: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for path in paths:
        if batch and size + len(path) > _LONGEST_ARGUMENTS:
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += len(os.fsencode(path)) + 1
    if batch:
        yield batch


def _reason(stderr: bytes) -> str:
    """The innermost cause that ruff names, on one line."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    causes = [line.removeprefix("Cause: ") for line in lines if line.startswith("Cause:")]
    said = causes[-1:] or [line for line in lines if line][-1:] or ["it gave no reason"]
    return said[0][:300]
