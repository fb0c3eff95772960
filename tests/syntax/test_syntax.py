from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from codexspark_tui.syntax import LANGUAGES, Fault, Language, faults, language_of, references
from codexspark_tui.syntax.model import Outline, Reference
from codexspark_tui.syntax.outline import LARGEST_BYTES, LONGEST_S, TOO_LONG, outline

HERE = Path(__file__).parent
FIXTURES = sorted((HERE / "fixtures").iterdir())


def _said(found: Outline) -> str:
    """An outline as the files in expected/ say it."""
    rows = [f"{s.line}-{s.end_line} {s.kind} {s.dotted}: {s.signature}\n" for s in found.symbols]
    return f"{found.language} by {found.how}\n" + "".join(rows)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda p: p.name)
def test_each_language_has_the_outline_that_is_expected(fixture: Path) -> None:
    found = outline(fixture.name, fixture.read_text())
    assert _said(found) == (HERE / "expected" / f"{fixture.name}.txt").read_text()
    assert not found.broken


def test_every_language_has_a_fixture_and_each_that_has_a_grammar_is_read_by_it() -> None:
    read_by = {outline(f.name, f.read_text()).language: f for f in FIXTURES}
    assert set(read_by) == set(LANGUAGES)
    by_lines = {
        name for name, f in read_by.items() if outline(f.name, f.read_text()).how == "lines"
    }
    assert by_lines == {"r"}
    assert outline("a.R", "f <- function() 1").note == (
        "there is no grammar for it; read by what its lines look like"
    )


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda p: p.name)
def test_a_file_that_does_not_parse_gives_what_it_can(fixture: Path) -> None:
    text = fixture.read_text()
    whole = {s.name for s in outline(fixture.name, text).symbols}
    cut = outline(fixture.name, text[: 3 * len(text) // 4] + "\n}}} ]] (( '\n")
    assert {s.name for s in cut.symbols} & whole


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda p: p.name)
def test_ranges_lie_in_the_file_and_in_their_parents(fixture: Path) -> None:
    text = fixture.read_text()
    last = text.count("\n") + 1
    for symbol in outline(fixture.name, text).symbols:
        assert 1 <= symbol.line <= symbol.end_line <= last
        assert all((symbol.name, symbol.kind, symbol.signature))


def test_references_tell_calls_types_and_attributes_apart() -> None:
    text = "def f(x):\n    return f(x.size) + Box.open()\n"
    assert references("a.py", text, "f") == [Reference("f", 2, 11, "call")]
    assert references("a.py", text, "size") == [Reference("size", 2, 15, "attribute")]
    assert references("a.py", text, "open") == [Reference("open", 2, 27, "call")]
    typed = "fn f(b: Box) -> Box { b }\n"
    assert [r.kind for r in references("a.rs", typed, "Box")] == ["type", "type"]


def test_a_column_counts_characters_and_not_bytes() -> None:
    assert references("a.py", "x = 'é' + name\n", "name") == [Reference("name", 1, 10, "name")]


def test_text_over_the_limits_is_not_parsed_and_says_so() -> None:
    assert outline("a.py", "x = 1\n" * (LARGEST_BYTES // 6 + 1)).note == "it is larger than 2 MB"
    assert outline("a.js", "x" * 30_000).note == "it has a line that no person wrote"
    assert outline("a.c", "int a;\0").note == "it is binary"


def test_a_parse_that_takes_too_long_is_given_up() -> None:
    text = "def f(x):\n    y = [1, 2\n" * 2_000
    given_up = outline("a.py", text, within_s=0.0)
    assert (given_up.how, given_up.broken, given_up.note) == ("lines", True, TOO_LONG)
    assert len(given_up.symbols) == 2_000
    assert outline("a.py", "def f(): pass\n").symbols[0].name == "f"


NESTED = {"a.py": "(", "a.js": "[", "a.html": "<div>", "a.rs": "{", "a.sql": "("}


@pytest.mark.parametrize(("name", "opener"), NESTED.items())
def test_deep_nesting_ends_soon(name: str, opener: str) -> None:
    begun = time.thread_time()
    found = outline(name, (opener * 40 + "\n") * 2_000 + "class Box {\n")
    assert time.thread_time() - begun < 1.5 * LONGEST_S
    assert found.broken


def test_a_grammar_that_is_not_installed_gives_way_to_the_line_scanner() -> None:
    missing = Language("go", "tree_sitter_that_nobody_has", (".go",))
    found = outline("a.go", "func New() int {\n}\n", language=missing)
    assert [(s.name, s.kind) for s in found.symbols] == [("New", "function")]
    assert (found.how, found.note) == ("lines", "its grammar is not installed")


def test_an_unknown_language_is_scanned_or_left_alone() -> None:
    found = outline("a.dart", "class Box {\n}\n")
    assert [(s.name, s.kind, s.line) for s in found.symbols] == [("Box", "class", 1)]
    assert outline("notes.txt", "class of 1999\n") == Outline("", "none")


def test_faults_name_the_places_that_do_not_parse() -> None:
    assert faults("a.py", "def f():\n    return 1\n") == []
    assert faults("a.json", "{") is None
    assert faults("a.js", "function f( {\n") != []
    assert faults("a.c", "int f(void) { return 1 }\n") == [Fault(1, "; is missing")]


def test_surrogates_and_nothing_at_all_are_text_too() -> None:
    for name in (f.name for f in FIXTURES):
        assert outline(name, "").symbols == ()
        outline(name, "def \udcff(): class \udc80 {}\n")


def test_suffixes_tell_the_language() -> None:
    said = {path: language_of(path) for path in ("a/b.PY", "Rakefile", ".bashrc", "x.R", "none")}
    names = {path: language.name if language else "" for path, language in said.items()}
    assert names == {
        "a/b.PY": "python",
        "Rakefile": "ruby",
        ".bashrc": "shell",
        "x.R": "r",
        "none": "",
    }


def test_importing_the_room_loads_no_grammar() -> None:
    code = (
        "import sys, codexspark_tui.syntax; print([m for m in sys.modules if 'tree_sitter' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
