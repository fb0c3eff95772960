"""Sentences of programmers become requests, or are left alone with a suggestion."""

from __future__ import annotations

import ast
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.codemods import model
from codexspark_tui.codemods.model import (
    Docstrings,
    Extract,
    Inline,
    MoveModule,
    MoveName,
    NotUnderstood,
    Place,
    RenameModule,
    RenameSymbol,
    Replace,
    Request,
    TestSkeletons,
    Tidy,
    Understood,
)
from codexspark_tui.codemods.sentences import command_of, request_of, understand

PHRASINGS = Path(__file__).parent / "phrasings"
SETS = sorted(PHRASINGS.glob("*/*.txt"))
LEFT_ALONE = sorted(PHRASINGS.glob("not_understood*.txt"))

Case = tuple[str, tuple[str, ...], str]


def cases(path: Path) -> Iterator[Case]:
    """(sentence, files beside it, what stands behind the `=>` above it)."""
    expected = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("=> "):
            expected = line[3:]
        elif line and not line.startswith("#"):
            sentence, _, files = line.removeprefix("\\").partition(" ++ ")
            yield sentence, tuple(files.split()), expected


def value(text: str) -> object:
    """`Tidy(sort=True)` → that value; only the names of `model` and literals."""

    def read(node: ast.expr) -> object:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            keywords = {str(k.arg): read(k.value) for k in node.keywords}
            made: object = getattr(model, node.func.id)(*map(read, node.args), **keywords)
            return made
        literal: object = ast.literal_eval(node)
        return literal

    return None if text == "NotUnderstood" else read(ast.parse(text, mode="eval").body)


@cache
def understood(sentence: str, files: tuple[str, ...] = ()) -> model.Understanding:
    return understand(sentence, files)


def request(sentence: str, *files: str) -> Request | None:
    answer = understood(sentence, files)
    return answer.request if isinstance(answer, Understood) else None


def all_understood() -> Iterator[Understood]:
    for path in SETS:
        for sentence, files, _ in cases(path):
            answer = understood(sentence, files)
            if isinstance(answer, Understood):
                yield answer


@pytest.mark.parametrize("path", SETS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_phrasing_becomes_its_request(path: Path) -> None:
    wrong = [
        (sentence, got, expected)
        for sentence, files, expected in cases(path)
        if (got := request(sentence, *files)) != value(expected)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", sorted(PHRASINGS.glob("first/*.txt")), ids=lambda p: p.stem)
def test_each_kind_has_twenty_phrasings_from_before_the_grammar(path: Path) -> None:
    assert len({sentence for sentence, _, _ in cases(path)}) >= 20


@pytest.mark.parametrize("path", LEFT_ALONE, ids=lambda p: p.stem)
def test_what_is_no_codemod_is_left_alone(path: Path) -> None:
    understood = [
        (sentence, got)
        for sentence, files, _ in cases(path)
        if (got := request(sentence, *files)) is not None
    ]
    assert understood == []


@pytest.mark.parametrize("path", LEFT_ALONE, ids=lambda p: p.stem)
def test_what_is_left_alone_gets_the_nearest_codemods(path: Path) -> None:
    missed = []
    for sentence, files, expected in cases(path):
        answer = understood(sentence, files)
        assert isinstance(answer, NotUnderstood)
        wanted = {word.strip() for word in expected.partition(":")[2].split(",") if word.strip()}
        got = {suggestion.codemod for suggestion in answer.nearest}
        if not wanted <= got or not 1 <= len(answer.nearest) <= 3:
            missed.append((sentence, wanted, got))
    assert missed == []


@pytest.mark.parametrize("path", LEFT_ALONE, ids=lambda p: p.stem)
def test_every_suggestion_is_understood_as_its_command(path: Path) -> None:
    for sentence, files, _ in cases(path):
        answer = understood(sentence, files)
        assert isinstance(answer, NotUnderstood)
        for suggestion in answer.nearest:
            again = understood(suggestion.example)
            assert isinstance(again, Understood), (sentence, suggestion)
            assert again.command == suggestion.command


BEFORE = [
    "don't ",
    "never ",
    "should I ",
    "how do I ",
    "why did you ",
    "I don't want to ",
    "when done, ",
]
AFTER = [
    *(" but not in tests", " unless it is used", " and make it faster", " except in vendor/"),
    *(" and fix the bug", " or not", " and b", " then commit", " in the tests", " for Python 3"),
]


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in SETS}))
def test_a_clause_that_would_be_ignored_makes_it_not_understood(folder: str) -> None:
    understood_all_the_same = []
    for path in sorted(PHRASINGS.glob(f"{folder}/*.txt")):
        for sentence, files, _ in list(cases(path))[3:20:9]:
            whole = sentence.rstrip(" .!?")
            for changed in [*(b + sentence for b in BEFORE), *(whole + a for a in AFTER)]:
                if request(changed, *files) is not None:
                    understood_all_the_same.append(changed)
    assert understood_all_the_same == []


def test_every_command_typed_as_a_sentence_is_the_same_request() -> None:
    seen = 0
    for answer in all_understood():
        assert request_of(answer.command) == answer.request
        assert understood(answer.command) == answer
        seen += 1
    assert seen > 2000


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (
            RenameSymbol("a", "b", "method", Place("x y.py", 3)),
            "spark rename a b --kind method --at 'x y.py:3'",
        ),
        (RenameSymbol("a", "b", files=("s/a.py", "t.py")), "spark rename a b s/a.py t.py"),
        (RenameModule("pkg.io", "reader"), "spark rename pkg.io reader --kind module"),
        (MoveName("f", "pkg.util", files=("a.py",)), "spark move f pkg.util a.py"),
        (MoveModule("pkg.io", "pkg.core"), "spark move pkg.io pkg.core --module"),
        (Extract("src/io.py", 10, 20, "f"), "spark extract src/io.py:10-20 f"),
        (Inline("tmp", Place("a.py", 2)), "spark inline tmp --at a.py:2"),
        (
            Tidy(("src/",), True, True, True, True, True),
            "spark tidy src/ --imports --sort --modernise --simplify --format",
        ),
        (
            Replace("print($A)", "log($A)", "python", ("a b.py",)),
            "spark replace 'print($A)' 'log($A)' 'a b.py' --lang python",
        ),
        (Replace("-$A", "neg($A)", "python"), "spark replace --lang python -- '-$A' 'neg($A)'"),
        (Docstrings("src/io.py"), "spark docstrings src/io.py"),
        (TestSkeletons("io.py", "t.py"), "spark tests io.py --to t.py"),
    ],
)
def test_the_explicit_form_of_each_request(wanted: Request, command: str) -> None:
    assert command_of(wanted) == command
    assert request_of(command) == wanted


@pytest.mark.parametrize(
    "command",
    [
        "spark",
        "spark rename a",
        "spark rename a b --kind banana",
        "spark rename a b --at nowhere",
        "spark rename a b --at",
        "spark rename a b --kind method --kind class",
        "spark rename a b-c",
        "spark rename a b x.py --kind module",
        "spark move a",
        "spark extract a.py:9-3 f",
        "spark extract a.py f",
        "spark extract a.py:1-2 f g",
        "spark inline",
        "spark tidy",
        "spark tidy --black",
        "spark tidy --sort=yes",
        "spark replace a b",
        "spark replace a b --lang klingon",
        "spark docstrings a.py b.py",
        "spark tests",
        "spark rename 'a b",
        "spark fly",
    ],
)
def test_a_command_with_a_mistake_is_no_request(command: str) -> None:
    assert request_of(command) is None
    assert request(command) is None


def test_files_beside_the_prompt_join_those_of_the_sentence() -> None:
    assert request("format a.py and b.py", "b.py", "c.py") == Tidy(
        ("a.py", "b.py", "c.py"), format=True
    )
    assert request("rename f to g in a.py", "b.py") == RenameSymbol(
        "f", "g", files=("a.py", "b.py")
    )
    assert request("extract lines 1-2 into f", "a.py") == Extract("a.py", 1, 2, "f")
    assert request("add docstring stubs", "a.py") == Docstrings("a.py")
    assert request("spark tidy --sort a.py", "b.py") == Tidy(("a.py", "b.py"), sort=True)


def test_files_that_the_request_cannot_hold_are_not_dropped() -> None:
    assert request("extract lines 1-2 of a.py into f", "b.py") is None
    assert request("add docstring stubs to a.py", "b.py") is None
    assert request("add docstring stubs", "a.py", "b.py") is None
    assert request("rename module pkg.io to reader", "b.py") is None
    assert request("format", "app.js") is None


def test_names_keep_their_case_and_their_letters() -> None:
    assert request("RENAME GetModel TO getModel") == RenameSymbol("GetModel", "getModel")
    assert request("rename größe to 大小") == RenameSymbol("größe", "大小")
    assert request("rename `class_` to `Klass`") == RenameSymbol("class_", "Klass")


@pytest.mark.parametrize("quotes", ["``", '""', "''", "“”", "‘’", "«»", "„“"])
def test_any_pair_of_quotes_marks_a_name(quotes: str) -> None:
    left, right = quotes[0], quotes[1]
    sentence = f"rename {left}this{right} to {left}that{right}."
    assert request(sentence) == RenameSymbol("this", "that")
    assert request("rename this to that.") is None


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("rename a to b --kind class", RenameSymbol("a", "b", "class")),
        ("move pkg.io to pkg.core --module", MoveModule("pkg.io", "pkg.core")),
        ("tidy src/io.py --sort", Tidy(("src/io.py",), sort=True)),
        (
            "replace 'print($A)' with 'log($A)' --lang python",
            Replace("print($A)", "log($A)", "python"),
        ),
        ("rename src/io.py:parse to read", RenameSymbol("parse", "read", files=("src/io.py",))),
        ("rename pkg.io:parse to read", RenameSymbol("pkg.io.parse", "read")),
    ],
)
def test_half_a_sentence_and_half_a_command_is_understood(sentence: str, wanted: Request) -> None:
    assert request(sentence) == wanted


def test_two_codemods_in_one_sentence_are_both_suggested_word_for_word() -> None:
    answer = understand("rename a to b and remove unused imports in x.py")
    assert isinstance(answer, NotUnderstood)
    assert [(s.codemod, s.example, s.command) for s in answer.nearest] == [
        ("rename", "rename a to b", "spark rename a b"),
        (
            "tidy",
            "remove unused imports in x.py",
            "spark tidy x.py --imports",
        ),
    ]


def test_the_suggestion_is_filled_with_what_the_sentence_names() -> None:
    answer = understand("could we extract something like parse_header from src/net.py:4-9 somehow")
    assert isinstance(answer, NotUnderstood)
    assert answer.nearest[0].command == "spark extract src/net.py:4-9 parse_header"


HOSTILE = [
    "rename " * 200_000,
    "x" * 1_000_000,
    "`" * 1_000_000,
    "(" * 1_000_000,
    "a" + "(" * 3_900,
    "'a " * 1_300,
    "in a.py and " * 300,
    "a.py " * 85,
    "format and " * 44,
    "rename a to b in a.py, " * 12,
    ", " * 1_900,
    "$A(" * 1_000,
    "replace `" + "(" * 3_000 + "$A` with `$A`",
    "replace `" + "-" * 3_000 + "$A` with `$A`",
    "rename \x1b[31mx to y",
    "rename a\x00 to b",
    "rename a to b\ud800",
    "\u202erename a to b",
]


@pytest.mark.parametrize("sentence", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_sentences_end_as_not_understood(sentence: str) -> None:
    answer = understand(sentence)
    if isinstance(answer, Understood):
        assert isinstance(answer.request, Tidy)  # "format and format and …" is what it says.


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_no_text_makes_it_fail(text: str) -> None:
    understand(text)


WORDS = sorted(
    {word for path in SETS for sentence, _, _ in cases(path) for word in sentence.split()}
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_order_of_its_own_words_keeps_the_promises(sentence: str) -> None:
    match understand(sentence):
        case Understood(found, command):
            assert request_of(command) == found
        case NotUnderstood(nearest):
            assert 1 <= len(nearest) <= 3


NAMES = st.from_regex(r"[a-z]{2,6}_[a-z0-9]{1,6}", fullmatch=True)
PATHS = st.from_regex(r"[a-z][a-z ]{0,5}/[a-zé'$-]{1,6}\.py", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(NAMES, NAMES, st.lists(PATHS, max_size=2, unique=True), st.integers(1, 99))
def test_commands_of_any_name_and_path_are_read_back(
    old: str, new: str, paths: list[str], line: int
) -> None:
    files = tuple(paths)
    asked: list[Request] = [
        RenameSymbol(old, new, "variable", files=files),
        MoveName(old, f"pkg.{new}", files=files),
        Inline(old, Place(paths[0], line) if paths else None),
        Tidy(files, sort=True),
        Replace(f"{old}($A)", f"{new}($A, '`')", "python", files),
        *(Extract(path, line, line + 3, new) for path in paths),
        *(Docstrings(path) for path in paths),
    ]
    for wanted in asked:
        assert request_of(command_of(wanted)) == wanted
        assert shlex.split(command_of(wanted))[0] == "spark"
    assert request(f"rename {old} to {new}", *files) == RenameSymbol(old, new, files=files)


def test_it_loads_nothing_but_the_standard_library() -> None:
    code = (
        "import sys, codexspark_tui.codemods.sentences as s; s.understand('what now');"
        "own = {m.partition('.')[0] for m in sys.modules} - set(sys.stdlib_module_names);"
        "sys.stdout.write(' '.join(sorted(m for m in own if not m.startswith('_'))))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("codexspark_tui", "")


@pytest.mark.parametrize(
    ("sentence", "command"),
    [
        ("sort imports in @src/io.py", "spark tidy src/io.py --sort"),
        ("rename @Text.size in @src/io.py to width", "spark rename Text.size width src/io.py"),
        ("modernise @src/ and @tests/", "spark tidy src/ tests/ --modernise"),
        ("extract @src/io.py:10-20 into read_head", "spark extract src/io.py:10-20 read_head"),
        ("sort imports in `@src/io.py`", "spark tidy @src/io.py --sort"),
        ("replace `@old` with `@new` in python", "spark replace @old @new --lang python"),
        (
            "replace @app.get($A) with @app.post($A) in python",
            "spark replace '@app.get($A)' '@app.post($A)' --lang python",
        ),
    ],
)
def test_a_mention_is_the_path_or_name_and_an_at_sign_in_code_is_code(
    sentence: str, command: str
) -> None:
    answer = understand(sentence)
    assert isinstance(answer, Understood)
    assert answer.command == command
