"""Structural replace: matches by syntax, variables put in, meaning kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.codemods.languages import LANGUAGES, language_for, language_named
from codexspark_tui.codemods.model import Replace
from tests.codemods.support import edits, make, refused, texts


@pytest.mark.parametrize(
    ("code", "pattern", "rewrite", "expected"),
    [
        ("print(a)\r\nprint(a, b)\r\n", "print($A)", "log($A)", "log(a)\r\nprint(a, b)\r\n"),
        (
            "print(a, 'é😀'); print()\n",
            "print($$$ARGS)",
            "log(1, $$$ARGS)",
            "log(1, a, 'é😀'); log(1)\n",
        ),
        (
            "print(a, b); print()\n",
            "print($$$A)",
            "log($$$A, end='')",
            "log(a, b, end=''); log(end='')\n",
        ),
        ("print(print(x))\n", "print($A)", "log($A)", "log(print(x))\n"),
        ("y = double(a + b) * 3\n", "double($A)", "$A * 2", "y = ((a + b) * 2) * 3\n"),
        ("if y == None and z: pass\n", "$X == None", "$X is None", "if y is None and z: pass\n"),
        ("if x:\n    foo(1)\n", "foo($A)", "bar($A)\nbaz($A)", "if x:\n    bar(1)\n    baz(1)\n"),
        ("a.b . append( 2 )\n", "$L.append($V)", "$L += [$V]", "a.b += [2]\n"),
        ("# f(x)\n'f(x)'\nf(x)\n", "f($A)", "g($A)", "# f(x)\n'f(x)'\ng(x)\n"),
    ],
)
def test_python(tmp_path: Path, code: str, pattern: str, rewrite: str, expected: str) -> None:
    repo = make(tmp_path, {"m.py": code})
    assert texts(edits(repo, Replace(pattern, rewrite, "python"))) == {"m.py": expected}


@pytest.mark.parametrize(
    ("path", "request_", "code", "expected"),
    [
        (
            "a.jsx",
            Replace("log($A)", "say($A)", "js"),
            "let x = <b>{log(a)}</b>",
            "let x = <b>{say(a)}</b>",
        ),
        ("a.ts", Replace("f($A)", "g($A)", "TypeScript"), "f(<number>x)", "g(<number>x)"),
        (
            "a.rs",
            Replace("p!($$$A)", "q!($$$A)", "rust"),
            'fn main(){ p!("x"); }',
            'fn main(){ q!("x"); }',
        ),
        (
            "a.go",
            Replace("f($A)", "g($A)", "golang"),
            "package a\nvar x = f(1)\n",
            "package a\nvar x = g(1)\n",
        ),
    ],
)
def test_other_languages(
    tmp_path: Path, path: str, request_: Replace, code: str, expected: str
) -> None:
    repo = make(tmp_path, {path: code, "other.py": "f(1); log(1)\n"})
    assert texts(edits(repo, request_)) == {path: expected}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_on_the_list_is_known_to_the_library(tmp_path: Path, language: str) -> None:
    suffix = sorted(LANGUAGES[language])[0]
    repo = make(tmp_path, {f"x.{suffix}": "x\n"})
    assert edits(repo, Replace("nowhere", "y", language)).files == ()


@pytest.mark.parametrize(
    ("pattern", "rewrite", "language", "why"),
    [
        ("f($A)", "g($B)", "python", "$B is in the rewrite but not in the pattern"),
        ("f($A)", "g($_)", "python", "$_ is in the rewrite but not in the pattern"),
        ("$A", "x", "python", "matches everything"),
        ("a b c", "x", "python", "is not one piece of python code"),
        ("def f(", "x", "python", "is not one piece of python code"),
        ("  ", "x", "python", "the pattern is empty"),
        ("f($A)", "g($A)", "klingon", "is not a language"),
        ("f($A)", "g($A)", "rust", "there are no rust files"),
    ],
)
def test_what_cannot_be_done_says_why(
    tmp_path: Path, pattern: str, rewrite: str, language: str, why: str
) -> None:
    repo = make(tmp_path, {"m.py": "f(1)\n"})
    answer = refused(repo, Replace(pattern, rewrite, language))
    assert why in answer.why
    assert answer.next_step


def test_languages_by_name_and_file() -> None:
    assert [language_for(p) for p in ("a.py", "b/C.TSX", "x.h", "Makefile", "a.b.yml")] == [
        "python",
        "tsx",
        "c",
        None,
        "yaml",
    ]
    assert [language_named(n) for n in ("Py", ".rs", "C++", "golang", "no")] == [
        "python",
        "rust",
        "cpp",
        "go",
        None,
    ]
