"""One file's lines seen at several degrees of strictness, and search in them.

A search is one `str.find` over joined lines, so its time is linear in the file whatever the hunk
says. Nothing is decided here: a view only says where lines occur.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from codexspark_tui.patch.text import bare

_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007", " "),
        **dict.fromkeys("\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("•‣▪●·∙", "*"),
        **dict.fromkeys("×✕✖", "x"),
        **dict.fromkeys("→⇒⟶➔", "->"),
        "…": "...",
    }
)
MOST_PLACES = 40


def fold(text: str) -> str:
    """Look-alike characters made one: composed letters, plain quotes, dashes and blanks."""
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)


def _exact(text: str) -> str:
    return text


def _trailing(text: str) -> str:
    return text.rstrip()


def _folded(text: str) -> str:
    return fold(text).rstrip()


def _indented(text: str) -> str:
    return fold(text).strip()


def _spaced(text: str) -> str:
    return " ".join(fold(text).split())


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


@dataclass(frozen=True, slots=True)
class Level:
    """A degree of strictness: `key` makes lines that it does not tell apart equal."""

    name: str
    key: Callable[[str], str]
    assumed: str = ""


EXACT = Level("exact", _exact)
TRAILING = Level("trailing blanks", _trailing, "white space at line ends differs")
FOLDED = Level("look-alikes", _folded, "look-alike characters were taken as equal")
INDENTED = Level("indentation", _indented, "the indentation differs")
SPACED = Level("spacing", _spaced, "the amount of white space differs")
SQUEEZED = Level("no blanks", _squeezed, "white space is added or missing inside lines")
LEVELS = (EXACT, TRAILING, FOLDED, INDENTED, SPACED, SQUEEZED)


@dataclass(frozen=True, slots=True)
class Haystack:
    """Lines joined for searching; `rows` gives the file index of each (None: line i is row i)."""

    text: str
    rows: Sequence[int] | None

    def places(self, keys: Sequence[str], most: int = MOST_PLACES) -> list[int]:
        """The rows where `keys` begin, ascending, at most `most` of them."""
        return list(_upto(self._rows_of(keys), most))

    def _rows_of(self, keys: Sequence[str]) -> Iterator[int]:
        needle = "\n" + "\n".join(keys) + "\n"
        at = self.text.find(needle)
        row = seen = 0
        while at >= 0:
            row += self.text.count("\n", seen, at)
            seen = at
            yield row
            at = self.text.find(needle, at + 1)

    def holds(self, keys: Sequence[str], row: int, offset: int) -> bool:
        """Whether `keys` stand at `row`, whose offset in the text is `offset`."""
        return self.text.startswith("\n" + "\n".join(keys) + "\n", offset)


def _upto(found: Iterator[int], most: int) -> Iterator[int]:
    for _, place in zip(range(most), found, strict=False):
        yield place


class FileView:
    """The lines of one file (as `split_lines` gives them), with one haystack for each level."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._bare: list[str] | None = None
        self._whole: dict[str, Haystack] = {}
        self._filled: dict[str, Haystack] = {}
        self._keys: dict[str, list[str]] = {}

    @property
    def bare(self) -> list[str]:
        """The lines without their ends."""
        if self._bare is None:
            self._bare = [bare(line) for line in self.lines]
        return self._bare

    def keys(self, level: Level) -> list[str]:
        """Every line's key at this level."""
        if level is EXACT:
            return self.bare
        found = self._keys.get(level.name)
        if found is None:
            found = self._keys[level.name] = [level.key(text) for text in self.bare]
        return found

    def whole(self, level: Level) -> Haystack:
        found = self._whole.get(level.name)
        if found is None:
            text = "\n" + "\n".join(self.keys(level)) + "\n"
            found = self._whole[level.name] = Haystack(text, None)
        return found

    def filled(self, level: Level) -> Haystack:
        """The lines that are not blank."""
        found = self._filled.get(level.name)
        if found is None:
            keys = self.keys(level)
            rows = [row for row, key in enumerate(keys) if key and not key.isspace()]
            text = "\n" + "\n".join(keys[row] for row in rows) + "\n"
            found = self._filled[level.name] = Haystack(text, rows)
        return found
