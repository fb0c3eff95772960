"""Other readings of a text keep its lines, and brackets are closed or open whatever stands in
comments and strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from codexspark_tui.syntax import LANGUAGES, is_closed, readings

WORDS = some.sampled_from([
    "type", "in", "out", "<", ">", "(", ")", "[", "]", "{", "}", "#if", "#else", "#endif", "#elif",
    "\n", "\n", " ", "extends", "T", ",", "=", "`", "${", "'", '"', "\\", "/", "*", "//", "def f",
    "class A", "except", ":", "super", "this", ";", "typeof", "?.", "t'", "lazy import", "async",
    "import", "module", "static accessor", "try!", "safe fn", "extension", "r#", "@", "when", "->",
])  # fmt: skip


@given(some.sampled_from(sorted(LANGUAGES)), some.lists(WORDS, max_size=40))
def test_a_reading_has_the_lines_of_its_text(language: str, words: list[str]) -> None:
    text = " ".join(words)
    several = list(readings(language, text))
    assert several[0] == (text,)
    assert {part.count("\n") for reading in several for part in reading} == {text.count("\n")}
    assert len(set(several)) == len(several)


@pytest.mark.parametrize(
    ("language", "text", "closed"),
    [
        ("go", "f(`(`, '(', \"(\") // (", True), ("go", "f(`(`", False),
        ("rust", "fn f<'a>(x: &'a u8) { r#\"(\"#; '('; \"(\n(\" }", True), ("rust", "f('a'", False),
        ("csharp", 'f(@"("")", "(", $"{(x)}", """(" """); // )', True), ("csharp", "f(]", False),
        ("javascript", "f(`${g({a: `(`})} (`, /[(]/, '('); /* ( */", True),
        ("typescript", "const a = `${f(`", False), ("tsx", "<p>don't (see)</p>", True),
        ("java", 'f("""\n ( "x" \\""" """)', True), ("java", "f(')'", False),
        ("c", "#define A '\"'\nf(\"\\\"(\");", True), ("css", "a { b: url('(') } /* { */", True),
        ("cpp", 'f(R"x((()x")', True), ("kotlin", 'f("""(""")', True), ("swift", "f(\"(\"", False),
        ("shell", "case x in a) ;; esac", None), ("python", "(", None),
    ],
)  # fmt: skip
def test_brackets_outside_of_comments_and_strings_count(
    language: str, text: str, closed: bool | None
) -> None:
    assert is_closed(language, text) is closed


@pytest.mark.parametrize("piece", ['"', '\\"', "'", '"""', "`${", "=/[", 'r#"', 'R"(', "/*", "\n"])
def test_text_of_any_length_takes_no_longer_than_its_length(piece: str) -> None:
    text = piece * 30_000
    for language in ("typescript", "rust", "csharp", "cpp", "java"):
        is_closed(language, text)
        list(readings(language, text))
