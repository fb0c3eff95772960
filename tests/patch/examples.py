"""What the property tests draw from: texts with odd line ends, and answers with a patch in them."""

from __future__ import annotations

from hypothesis import strategies as st

from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.model import ChangeEnded, Fact, Proposed

_WORDS = st.sampled_from(
    [
        "",
        "a",
        "b",
        "    a",
        "\tb",
        "x = 1",
        "-- sql",
        "++i",
        "@@ odd",
        "é",
        "a ",
        "\x0c",
        "l\u2028r",
    ]
)
_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn, most: int = 14, *, lf_only: bool = False) -> str:
    """A file: few different lines, so that many are equal; any line ends; perhaps no last one."""
    words = draw(st.lists(_WORDS, max_size=most))
    ends = [draw(_ENDS) if not lf_only else "\n" for _ in words]
    if ends and words[-1] and draw(st.booleans()):
        ends[-1] = ""
    return "".join(word + end for word, end in zip(words, ends, strict=True))


@st.composite
def pairs(draw: st.DrawFn, most: int = 14) -> tuple[str, str]:
    """A text and what an edit made of it (perhaps nothing is left the same)."""
    before = draw(texts(most))
    lines = before.splitlines(keepends=True)
    if not lines or draw(st.integers(0, 9)) == 0:
        return before, draw(texts(most))
    start = draw(st.integers(0, len(lines)))
    end = draw(st.integers(start, len(lines)))
    middle = draw(texts(4, lf_only=True))
    if end < len(lines) and middle and not middle.endswith("\n"):
        middle += "\n"
    head = "".join(lines[:start])
    if middle and head and not head.endswith("\n"):
        head += "\n"
    return before, head + middle + "".join(lines[end:])


def read(text: str, reader: PatchReader | None = None) -> list[Fact]:
    """All facts of one answer."""
    reader = reader or PatchReader()
    return [*reader.feed(text), *reader.close()]


def changes(facts: list[Fact]) -> list[Proposed]:
    return [fact.change for fact in facts if isinstance(fact, ChangeEnded)]
