"""go build, go vet and go test on spoiled packages of other projects: what is read of their text is
what the compiler's front end, `go vet -json`, `go list -json` and `go test -json` tell.

The packages: those of Go itself that need no internal ones, and those in the folder that
OUTSIDE_SOURCES names (see outside.py). Skipped where there is no go with its sources.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from codexspark_tui.reports import Report, read
from tests.reports.outside import (
    IMPORT,
    OUTSIDE,
    Way,
    changed,
    miscounted,
    renamed,
    run,
    without_imports,
    without_lines,
    words,
)

MOST = 10  # errors of a package, as long as nobody asks for more
TEN = 10
GO = shutil.which("go")
ROOT = Path(
    subprocess.run(
        ["go", "env", "GOROOT"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if GO
    else "/nowhere"
)
pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (ROOT / "src/sort/sort.go").exists(), reason="no go with its sources"),
]
TOLD = Path(__file__).with_name("told") / "compiler.go"
OF_GO = words(
    """
    bufio container/heap container/list container/ring encoding/ascii85 encoding/base32
    encoding/csv encoding/hex encoding/pem flag go/ast go/scanner go/token hash/fnv html
    image/color mime net/mail regexp/syntax text/scanner text/tabwriter
    text/template/parse unicode/utf16
    """
)
_INTERNAL = re.compile(r'^\s*(?:import )?(?:[\w.]+ )?"(?:internal/|[\w-]+\.[\w.-]+/)', re.MULTILINE)
_WORDS = words(
    """
    break case chan const continue default defer else fallthrough false for func goto
    import interface iota make map nil package range return select string struct switch
    true type byte error int int64 uint64 uint32 rune
    """
)
_BODY = re.compile(r"^(?:func|type|var|const)\b", re.MULTILINE)


def body(way: Way) -> Way:
    """Only behind the imports, as the compiler is not even called for what cannot be loaded."""

    def change(text: str) -> str:
        found = _BODY.search(text)
        start = found.start() if found else len(text)
        return text[:start] + way(text[start:])

    return change


WAYS: dict[str, Way] = {
    "names": body(lambda text: renamed(text, 70, _WORDS)),
    "all words": body(lambda text: renamed(text, 400)),
    "lines": body(lambda text: without_lines(text, 150)),
    "imports": lambda text: without_imports(text, 2),
}


_TEST = re.compile(r"^func (?:Test|Example)\w*\(.*\) \{$", re.MULTILINE)
TEST_WAYS: dict[str, Way] = {
    "other numbers": lambda text: miscounted(text, 60),
    "panics": lambda text: changed(
        text,
        _TEST.finditer(text),
        9,
        lambda line: f"{line}\n\tvar none []int; none[len(none)] = 1\n",
    ),
    "says nothing": lambda text: changed(
        text,
        _TEST.finditer(text),
        7,
        lambda line: f"{line}\n\tt.Fail()\n" if "(t " in line else line,
    ),
}


def packages() -> Iterator[tuple[str, Path]]:
    """The name and the folder of each; only those that need no package but Go's public ones."""
    yield from ((name, ROOT / "src" / name) for name in sorted(OF_GO))
    for place in sorted({path.parent for path in OUTSIDE.rglob("*.go")}):
        texts = [path.read_text("utf-8", "replace") for path in place.glob("*.go")]
        if "testdata" not in place.parts and not any(map(_INTERNAL.search, texts)):
            yield f"outside/{place.name.replace('_', '')}", place


def spoiled(folder: Path, way: Way, tests: Way | None = None) -> list[str]:
    """A module with all of them; with their tests if there is a way to spoil them."""
    (folder / "go.mod").write_text("module theirs\n\ngo 1.19\n")
    names = []
    for name, place in packages():
        (folder / name).mkdir(parents=True, exist_ok=True)
        names.append(name)
        for path in sorted(place.glob("*.go")):
            text = path.read_text()
            test = path.name.endswith("_test.go")
            if (test and tests is None) or _INTERNAL.search(text):
                continue
            change = tests if test and tests else way
            (folder / name / path.name).write_text(change(text))
        if tests is not None and (place / "testdata").exists():
            shutil.copytree(place / "testdata", folder / name / "testdata", dirs_exist_ok=True)
    return names


def said(report: Report) -> set[tuple[str, int, str]]:
    return {(one.path, one.line, one.message) for one in report.findings}


def told_by_the_compiler(folder: Path, names: list[str]) -> set[tuple[str, int, str]]:
    """It says no more than one syntax error of a line."""
    home = (ROOT / "src").resolve()
    overlay = {"Replace": {str(home / "cmd/compile/internal/told/told.go"): str(TOLD)}}
    (folder / "overlay.json").write_text(json.dumps(overlay))
    asked, cache = str(folder / "told"), str(folder.parent / "gocache")
    build = ["go", "build", "-overlay", str(folder / "overlay.json"), "-o", asked]
    built = run([*build, "cmd/compile/internal/told"], home / "cmd", GOCACHE=cache, GOFLAGS="")
    if not Path(asked).exists():
        pytest.skip(f"this compiler cannot be asked: {built.err.decode()[:300]}")
    told: dict[tuple[str, int, str], str] = {}
    for row in json.loads(run([asked, *names], folder, CGO_ENABLED="0").out):
        message = row["Message"].partition("\n")[0]
        kind = "syntax" if message.startswith("syntax error: ") else message
        told.setdefault((row["File"], row["Line"], kind), message)
    return {(path, line, message) for (path, line, _), message in told.items()}


@pytest.mark.parametrize("way", WAYS)
def test_what_go_build_says_is_what_the_compiler_knows(way: str, tmp_path: Path) -> None:
    told = told_by_the_compiler(tmp_path, spoiled(tmp_path, WAYS[way]))
    report = read(run(["go", "build", "-p", "2", "-gcflags=-e", "./..."], tmp_path).both)
    assert report.tool == "go test"
    assert said(report) == told
    assert len(told) > 20


def test_of_many_errors_go_build_says_ten_of_each_package(tmp_path: Path) -> None:
    told = told_by_the_compiler(tmp_path, spoiled(tmp_path, WAYS["imports"]))
    first = read(run(["go", "build", "./..."], tmp_path).both)
    assert said(first) < told
    of_each = Counter(Path(path).parent for path, _, _ in said(first))
    assert max(of_each.values()) == MOST


def test_what_go_vet_says_is_what_it_tells_in_json(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/cmd/vet/testdata", tmp_path / "vet")
    shutil.rmtree(tmp_path / "vet/cgo")
    spoiled(tmp_path, str)
    told, text = set(), run(["go", "vet", "-json", "./..."], tmp_path).err.decode()
    values = re.sub(r"^# .*$", "", text, flags=re.MULTILINE)
    while values.strip():
        value, end = json.JSONDecoder().raw_decode(values.lstrip())
        values = values.lstrip()[end:]
        for of_package in value.values():
            for rows in of_package.values():
                told |= {(row["posn"].rsplit(":", 1)[0], row["message"]) for row in rows}
    report = read(run(["go", "vet", "./..."], tmp_path).both)
    found = {(f"{tmp_path / one.path}:{one.line}", one.message) for one in report.findings}
    assert found == {(place, message.partition("\n")[0]) for place, message in told}
    assert len(told) > 50


def told_by_go_list(folder: Path) -> set[tuple[str, int, str]]:
    told, text = set(), run(["go", "list", "-e", "-json", "./..."], folder).out.decode()
    while text.strip():
        value, end = json.JSONDecoder().raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        for one in [value.get("Error"), *value.get("DepsErrors", ())]:
            if one and one["Pos"]:
                path, line, _ = one["Pos"].rsplit(":", 2)
                told.add((path, int(line), one["Err"].partition("\n")[0]))
    return told


@pytest.mark.parametrize("command", ["build", "vet", "test"])
def test_what_cannot_be_loaded_is_what_go_list_tells(command: str, tmp_path: Path) -> None:
    def misnamed(line: str) -> str:
        return line[:-1] if len(line) % 5 == 0 else f'{line[:-1]}Gone"'

    spoiled(tmp_path, lambda text: changed(text, IMPORT.finditer(text), 3, misnamed))
    told = told_by_go_list(tmp_path)
    report = read(run(["go", command, "./..."], tmp_path).both)
    assert report.tool == "go test"
    assert said(report) == told
    assert len(told) >= TEN


Told = set[tuple[str, str, int, str]]
_PLACED = re.compile(r"^ +(\w+\.go):(\d+): ?(.*)$", re.MULTILINE)


def told_by_go_test(folder: Path) -> Told:
    """Of each failed test the first place in what is told as its own output; of a parent of failed
    ones only if it names a place; of one that panics the innermost place that is not Go's."""
    failed, texts = set(), dict[tuple[str, str], str]()
    for line in run(["go", "test", "-json", "./..."], folder).out.splitlines():
        row = json.loads(line) if line.startswith(b"{") else {}
        key = (row.get("Package", ""), row.get("Test", ""))
        if row.get("Action") == "output":
            texts[key] = texts.get(key, "") + row["Output"]
        elif row.get("Action") == "fail" and key[1]:
            failed.add(key)
    told: Told = set()
    for package, test in failed:
        text = texts[package, test]
        above = any(one[0] == package and one[1].startswith(f"{test}/") for one in failed)
        if panic := re.search(r"^panic: (.*?)(?: \[recovered\])?$", text, re.MULTILINE):
            place = re.search(rf"^\t({re.escape(str(folder))}/\S+):(\d+)", text, re.MULTILINE)
            assert place
            told.add((test, place[1], int(place[2]), panic[1]))
        elif logged := _PLACED.search(text):
            told.add((test, logged[1], int(logged[2]), logged[3]))
        elif not above:
            told.add((test, "", 0, ""))
    return told


@pytest.mark.parametrize("way", TEST_WAYS)
def test_what_go_test_says_is_what_it_tells_in_json(way: str, tmp_path: Path) -> None:
    spoiled(tmp_path, str, TEST_WAYS[way])
    told = told_by_go_test(tmp_path)
    assert len(told) > TEN
    for form in ("", "-v -p 4", "-failfast -p 1"):
        report = read(run(["go", "test", *form.split(), "./..."], tmp_path).both)
        found = {
            (one.rule, one.path, one.line, one.message if one.path else "")
            for one in report.findings
            if one.rule  # else it is not built, which is nowhere in their JSON
        }
        assert found == told or ("failfast" in form and found < told), form
