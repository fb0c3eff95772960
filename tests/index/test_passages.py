"""Which functions of a long file a prompt is about."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from codexspark_tui.index.passages import LONGEST_LINES, MOST, passages
from codexspark_tui.index.prompt import read_prompt
from codexspark_tui.index.values import Definition


def method(name: str, *body: str) -> list[str]:
    return [f"    def {name}(self):", *(f"        {line}" for line in body), ""]


PLAIN = [line for n in range(80) for line in method(f"plain_{n}", "pass", "pass")]
LINES = [
    "class Query:",
    '    """Rows of a table."""',
    "",
    *PLAIN,
    *method("bulk_create", "self.insert(conflicts)", "return constraint"),
    *method("delete", "self.cascade(rows)", "return collector"),
    *method("count", "return 1"),
]
TEXT = "\n".join(LINES) + "\n"


def sketch(*text: str) -> tuple[str, list[Definition]]:
    """A file and its functions; "  " before a `def` makes it one within the last."""
    starts = [n for n, line in enumerate(text, 1) if line.lstrip().startswith("def ")]
    found = []
    for first in starts:
        deep = len(text[first - 1]) - len(text[first - 1].lstrip())
        after = (n for n in starts if n > first and not text[n - 1].startswith(" " * (deep + 1)))
        name = text[first - 1].split("def ")[1].partition("(")[0]
        found.append(
            Definition("s.py", name, "function", first, next(after, len(text) + 1) - 1, "")
        )
    return "\n".join(text) + "\n", found


def symbols(lines: Sequence[str]) -> list[Definition]:
    """The class and its methods, as the index has them."""
    starts = [n for n, line in enumerate(lines, 1) if line.startswith("    def ")]
    ends = [n - 2 for n in starts[1:]] + [len(lines) - 1]
    found = [Definition("q.py", "Query", "class", 1, len(lines) - 1, "class Query")]
    for first, last in zip(starts, ends, strict=True):
        name = lines[first - 1].split("def ")[1].partition("(")[0]
        found.append(Definition("q.py", name, "method", first, last, name, "Query"))
    return found


SYMBOLS = symbols(LINES)


def span(name: str) -> tuple[int, int]:
    (found,) = [s for s in SYMBOLS if s.name == name]
    return found.line, found.end_line


def told(prompt: str, *sure: tuple[int, int]) -> list[tuple[int, int]]:
    return passages(TEXT, SYMBOLS, read_prompt(prompt), sure)


def test_a_method_is_found_by_its_name_or_by_words_in_its_body() -> None:
    assert told("bulk create is slow")[0] == span("bulk_create")
    assert told("bulk_create is slow")[0] == span("bulk_create")
    assert told("the collector forgets to cascade")[0] == span("delete")
    assert told("what is a zebra") == []


def test_of_a_class_that_is_too_long_its_head_goes_along_and_what_is_meant_in_it() -> None:
    assert len(LINES) > LONGEST_LINES
    whole = (1, len(LINES) - 1)
    assert told("Query.bulk_create is slow", whole) == [(1, 3), span("bulk_create")]
    short = (span("count")[0], span("delete")[1])
    assert told("nothing that is here", short)[0] == short


def test_what_is_certain_comes_first_and_nothing_is_taken_twice() -> None:
    line = span("bulk_create")[0]
    found = told("the collector of bulk create", span("delete"), (line, line + 1))
    assert found[:2] == [span("delete"), (line, line + 1)]
    assert len(found) == 2


def test_what_tells_most_comes_first_and_what_tells_little_stays() -> None:
    found = told("delete with its cascade and collector breaks the constraint")
    assert found == [span("delete"), span("bulk_create")]
    assert told("bulk_create of plain rows")[:1] == [span("bulk_create")]
    assert span("plain_3") not in told("bulk_create of plain rows")
    assert len(told("plain")) == MOST


def test_of_a_short_class_only_the_method_goes_along() -> None:
    lines = ["class Small:", *method("first", "go(1)"), *method("second", "go(2)")]
    text = "\n".join(lines) + "\n"
    assert passages(text, symbols(lines), read_prompt("the second one")) == [(5, 6)]


def test_a_function_goes_along_whole_with_those_in_it() -> None:
    text, found = sketch(
        "def outer():", "  def within():", "    pass", "  return within", "def z():"
    )
    assert passages(text, found, read_prompt("within is wrong")) == [(1, 4)]


def test_a_name_tells_more_than_a_mention_and_a_plural_is_no_other_word() -> None:
    long = [f"    step({n}, {n})" for n in range(9)]
    text, found = sketch("def other():", "    charge(1)", "    charge(2)", "def charge():", *long)
    assert passages(text, found, read_prompt("charge"))[0] == (4, 13)
    text, found = sketch("def load_rows():", "    pass", "def other():", "    pass")
    assert passages(text, found, read_prompt("a row is wrong")) == [(1, 2)]


def test_a_function_that_is_too_long_is_taken_by_its_beginning() -> None:
    body = "\n".join(["def run(a):", *(f"    step_{n}(a)" for n in range(LONGEST_LINES + 5))])
    only = [Definition("r.py", "run", "function", 1, LONGEST_LINES + 6, "def run(a)")]
    ((first, last),) = passages(body, only, read_prompt("why does run fail at step_3"))
    assert first == 1
    assert last < 40


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 250)), max_size=12),
    st.text(alphabet="abc _\n", max_size=400),
    st.sampled_from(["a b c", "abc", "aa_bb", ""]),
)
def test_lines_are_in_the_file_and_apart_whatever_the_symbols(
    spans: list[tuple[int, int]], text: str, prompt: str
) -> None:
    found = [
        Definition("x", f"a_{n}", ("class", "method")[n % 2], line, line + more, "")
        for n, (line, more) in enumerate(spans)
    ]
    ranges = passages(text, found, read_prompt(prompt), [(1, 3)])
    rows = [row for first, last in ranges for row in range(first, last + 1)]
    assert len(rows) == len(set(rows))
    assert all(first >= 1 and first <= last for first, last in ranges)
