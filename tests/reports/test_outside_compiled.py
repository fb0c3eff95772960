"""javac and clang on spoiled sources of other projects: what is read of their text is what they
tell as libraries.

The sources: those in the folder that OUTSIDE_SOURCES names (see outside.py); besides, of Java the
src.zip of a JDK, and of C what packages hold that are installed beside us. Skipped without.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import pytest

from codexspark_tui.reports import Report, read
from tests.reports.outside import (
    NONE,
    OUTSIDE,
    Way,
    changed,
    miscounted,
    renamed,
    run,
    sources,
    without_imports,
    without_lines,
    words,
)
from tests.reports.test_outside import PACKAGES
from tests.reports.told import libclang

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
TOLD = Path(__file__).with_name("told") / "Compiler.java"
TEN = 10
needs_javac = pytest.mark.skipif(shutil.which("javac") is None, reason="there is no javac")
needs_clang = pytest.mark.skipif(shutil.which("clang") is None, reason="there is no clang")

# -- javac -----------------------------------------------------------------------------------------

_WORDS = words(
    """
    package import public private protected static final class interface enum void return this null
    else while throw throws switch case break default boolean char long double float short byte true
    false super abstract instanceof extends implements int for new try catch
    """
)
_THEIRS = re.compile(r"^package java[x]?\.", re.MULTILINE)
_CODE = re.compile(r"^ +\w.*[;{]$", re.MULTILINE)
JAVA_WAYS: dict[str, Way] = {
    "names": lambda text: renamed(text, 60, _WORDS),
    "all words": lambda text: renamed(text, 3000),
    "lines": lambda text: changed(text, _CODE.finditer(text), 80, lambda _: ""),
    "imports": lambda text: without_imports(text, 2),
    "numbers": lambda text: re.sub(r"\b0\b", '"0"', text),
}


def of_java(folder: Path) -> list[str]:
    """Files of other projects, none of which is a part of Java's own packages any more."""
    found = {
        str(path.relative_to(OUTSIDE)): path.read_text("utf-8", "replace")
        for path in sources(".java")
    }
    archives = [
        path for path in sorted(Path("/usr/lib/jvm").glob("*/lib/src.zip")) if path.exists()
    ]
    if javac := shutil.which("javac"):
        archives += [
            path for path in [Path(javac).resolve().parents[1] / "lib/src.zip"] if path.exists()
        ]
    if archives:
        with ZipFile(archives[0]) as archive:
            names = [
                name
                for name in archive.namelist()
                if re.match(r"java\.base/java/(text|time)/\w+\.java", name)
            ]
            found |= {name: archive.read(name).decode() for name in names[:20]}
    if not found:
        pytest.skip(NONE.format("Java, and no JDK has a src.zip"))
    for name, text in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(_THEIRS.sub("package theirs.", text))
    return sorted(name for name in found if not name.endswith("-info.java"))


def plain(message: str) -> str:
    """Without the packages of names, which javac leaves out where it prints."""
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", message).replace("<nulltype>", "<null>")


def told_by_javac(
    folder: Path, kinds: tuple[str, ...], *options: str
) -> list[tuple[str, int, str]]:
    rows = run(["java", str(TOLD), "names", *options], folder).out.decode().splitlines()
    every = [row.split("\t") for row in rows if row.startswith(kinds)]
    return [(path, int(line), plain(text)) for _, path, line, text in every if path]


def said(report: Report) -> list[tuple[str, int, str]]:
    return [(one.path, one.line, plain(one.message)) for one in report.findings]


@needs_javac
@pytest.mark.parametrize("way", JAVA_WAYS)
def test_what_javac_says_is_what_it_tells_as_a_library(way: str, tmp_path: Path) -> None:
    names = of_java(tmp_path)
    for name in names:
        (tmp_path / name).write_text(JAVA_WAYS[way]((tmp_path / name).read_text()))
    (tmp_path / "names").write_text("\n".join(names))
    told = told_by_javac(tmp_path, ("ERROR",), "-d", "out", "-Xmaxerrs", "100000", "-Xlint:all")
    for form in ("-Xlint:all", "-nowarn", "-Xlint:-options -g"):
        asked = ["javac", "-d", "out", "-Xmaxerrs", "100000", *form.split(), "@names"]
        report = read(run(asked, tmp_path).both)
        assert report.tool == "javac"
        assert Counter(said(report)) == Counter(told), form
        assert report.failures == len(told)
    first = read(run(["javac", "-d", "out", "-nowarn", "@names"], tmp_path).both)
    assert Counter(said(first)) == Counter(told[:100])
    assert first.failures == len(told)
    assert len(told) > TEN


@needs_javac
def test_warnings_that_are_errors_are_what_javac_tells_as_a_library(tmp_path: Path) -> None:
    (tmp_path / "names").write_text("\n".join(of_java(tmp_path)))
    strict = ("-d", "out", "-Xmaxerrs", "9999", "-Xmaxwarns", "9999", "-Xlint:all", "-Werror")
    told = told_by_javac(tmp_path, ("ERROR", "WARNING", "MANDATORY_WARNING"), *strict)
    report = read(run(["javac", *strict, "@names"], tmp_path).both)
    assert Counter(said(report)) == Counter(told)
    assert len(told) > TEN


# -- clang -----------------------------------------------------------------------------------------

_C_WORDS = words(
    """
    static const struct return while switch case break default void char long double float short
    typedef enum union unsigned signed sizeof extern continue else goto include define ifdef endif
    ifndef elif template typename class public private namespace using operator inline int for
    """
)
C_WAYS: dict[str, Way] = {
    "names": lambda text: renamed(text, 60, _C_WORDS),
    "lines": lambda text: without_lines(text, 90),
    "imports": lambda text: without_imports(text, 3),
    "numbers": lambda text: miscounted(text, 9),
}
FORMS = (
    "-ferror-limit=0",
    "-ferror-limit=0 -Wall -Wextra -fcolor-diagnostics",
    "-ferror-limit=0 -Wall -Werror",
    "-ferror-limit=0 -fno-caret-diagnostics",
    "-ferror-limit=0 -fdiagnostics-absolute-paths",
    "",
)


def of_c(folder: Path, way: Way) -> list[str]:
    kinds = (".c", ".cpp", ".cc", ".h", ".hpp")
    paths = [(OUTSIDE, path) for path in sources(*kinds, most=24, largest=150_000)]
    here = sorted(path for path in PACKAGES.glob("**/*.c") if path.stat().st_size < 60_000)
    paths += [(PACKAGES, path) for path in here[:: max(1, len(here) // 12)]][:12]
    if not paths:
        pytest.skip(NONE.format("C"))
    names = []
    for root, path in paths:
        names.append(str(path.relative_to(root)))
        target = folder / names[-1]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(way(path.read_text("utf-8", "replace")))
    return names


@needs_clang
@pytest.mark.parametrize("way", C_WAYS)
def test_what_clang_says_is_what_it_keeps_for_its_library(way: str, tmp_path: Path) -> None:
    library = libclang.library()
    if library is None:
        pytest.skip("there is no libclang beside clang")
    names = of_c(tmp_path, C_WAYS[way])
    every = 0
    for form in FORMS:
        told, text, kept = set(), b"", tmp_path / "kept.dia"
        for name in names:
            language = "c" if name.endswith(".c") else "c++"
            asked = ["clang", "-fsyntax-only", "-x", language, *form.split(), name]
            text += run([*asked, "--serialize-diagnostics", str(kept)], tmp_path).both
            told |= {
                (tmp_path / one.path, one.line, one.message, one.option)
                for one in libclang.told(library, kept)
            }
        found = {
            (tmp_path / one.path, one.line, re.sub(r" \[-W[\w,+=-]+\]$", "", one.message), one.rule)
            for one in read(text).findings
        }
        assert found == told, form
        every += len(told)
    assert every > TEN
