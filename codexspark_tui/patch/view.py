"""One file's lines seen at several degrees of strictness, and search in them.

A search is one `str.find` over joined lines, so its time is linear in the file whatever the hunk
says. Nothing is decided here: a view only says where lines occur.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from codexspark_tui.patch.text import split_lines

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
_SEARCHES_BEFORE_INDEX = 4


def fold(text: str) -> str:
    """Look-alike characters made one: composed letters, plain quotes, dashes and blanks."""
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)


@dataclass(frozen=True, slots=True)
class Level:
    """A degree of strictness: what it does not tell apart has equal keys.

    `many` makes the keys of lines that are folded already, if the level folds look-alikes.
    """

    name: str
    many: Callable[[list[str]], list[str]]
    assumed: str = ""
    folds: bool = True

    def key(self, text: str) -> str:
        return self.many([fold(text) if self.folds else text])[0]

    def line_keys(self, texts: Sequence[str]) -> list[str]:
        """The keys of lines as they are."""
        return self.many([fold(text) for text in texts] if self.folds else list(texts))


def _as_is(lines: list[str]) -> list[str]:
    return lines


def _right_stripped(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def _stripped(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines]


def _spaced(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def _squeezed(lines: list[str]) -> list[str]:
    return ["".join(line.split()) for line in lines]


EXACT = Level("exact", _as_is, folds=False)
TRAILING = Level("trailing blanks", _right_stripped, "blanks at line ends differ", folds=False)
FOLDED = Level("look-alikes", _right_stripped, "look-alike characters were taken as equal")
INDENTED = Level("indentation", _stripped, "the indentation differs")
SPACED = Level("spacing", _spaced, "the amount of white space differs")
SQUEEZED = Level("no blanks", _squeezed, "white space is added or missing inside lines")
LEVELS = (EXACT, TRAILING, FOLDED, INDENTED, SPACED, SQUEEZED)


class Haystack:
    """Lines joined for searching; `rows` gives the file index of each (None: line i is row i).

    The first searches look through the text; when more come, each line's rows are indexed once.
    """

    def __init__(self, text: str, rows: Sequence[int] | None) -> None:
        self.text = text
        self.rows = rows
        self._searches = 0
        self._lines: list[str] | None = None
        self._index: dict[str, list[int]] | None = None

    def places(self, keys: Sequence[str], most: int = MOST_PLACES) -> list[int]:
        """The rows where `keys` begin, ascending, at most `most` of them."""
        self._searches += 1
        if self._searches > _SEARCHES_BEFORE_INDEX:
            found = self._indexed(keys, most)
            if found is not None:
                return found
        return list(islice(self._rows_of(keys), most))

    def _rows_of(self, keys: Sequence[str]) -> Iterator[int]:
        needle = "\n" + "\n".join(keys) + "\n"
        at = self.text.find(needle)
        row = seen = 0
        while at >= 0:
            row += self.text.count("\n", seen, at)
            seen = at
            yield row
            at = self.text.find(needle, at + 1)

    def _indexed(self, keys: Sequence[str], most: int) -> list[int] | None:
        """By the rarest of the lines; None where even that is too common to help."""
        if self._index is None or self._lines is None:
            self._lines = self.text[1:-1].split("\n")
            self._index = {}
            for row, key in enumerate(self._lines):
                self._index.setdefault(key, []).append(row)
        rarest, rows = 0, self._index.get(keys[0], [])
        for number, key in enumerate(keys):
            found = self._index.get(key, [])
            if len(found) < len(rows):
                rarest, rows = number, found
        if len(rows) > most:
            return None
        wanted, size = list(keys), len(keys)
        starts = [row - rarest for row in rows if row >= rarest]
        return [at for at in starts if self._lines[at : at + size] == wanted]


class FileView:
    """One file's text, with one haystack for each level."""

    def __init__(self, text: str | None, lines: Sequence[str] | None = None) -> None:
        self._text = text
        self._lines = lines
        self._total = len(lines) if lines is not None else None
        self._bare: list[str] | None = None
        self._plain: list[str] | None = None
        self._searched: str | None = None
        self._known: frozenset[str] | None = None
        self._whole: dict[str, Haystack] = {}
        self._filled: dict[str, Haystack] = {}
        self._keys: dict[str, list[str]] = {}

    @classmethod
    def of_lines(cls, lines: Sequence[str]) -> FileView:
        """A view of lines as `split_lines` gives them."""
        return cls(None, lines)

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = "".join(self._lines or ())
        return self._text

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends, as `split_lines` gives them."""
        if self._lines is None:
            self._lines = split_lines(self.text)
        return self._lines

    @property
    def total(self) -> int:
        """How many lines there are."""
        if self._total is None:
            ended = self.text.endswith("\n") or not self.text
            self._total = self.text.count("\n") + (not ended)
        return self._total

    @property
    def bare(self) -> list[str]:
        """The lines without their ends."""
        if self._bare is None:
            self._bare = self._exact_text[1:-1].split("\n") if self.text else []
        return self._bare

    @property
    def _exact_text(self) -> str:
        text = self.text.replace("\r\n", "\n")
        return f"\n{text}" if text.endswith("\n") else f"\n{text}\n"

    @property
    def _folded_lines(self) -> list[str]:
        """`fold` of every line, done on the whole text where that is the same."""
        if self._plain is None:
            if self.text.isascii():
                self._plain = fold("\n".join(self.bare)).split("\n") if self.text else []
            else:
                self._plain = [fold(line) for line in self.bare]
        return self._plain

    def has(self, text: str) -> bool:
        """Whether a line is `text`, but for look-alikes and white space at its ends."""
        wanted = fold(text).strip()
        if self._known is None:
            if self._searched is None:
                self._searched = "\n" + "\n".join(self._folded_lines) + "\n"
            if wanted not in self._searched:
                return False
            self._known = frozenset(line.strip() for line in self._folded_lines)
        return wanted in self._known

    def keys(self, level: Level) -> list[str]:
        """Every line's key at this level."""
        if level is EXACT:
            return self.bare
        found = self._keys.get(level.name)
        if found is None:
            source = self._folded_lines if level.folds else self.bare
            found = self._keys[level.name] = level.many(source)
        return found

    def whole(self, level: Level) -> Haystack:
        found = self._whole.get(level.name)
        if found is None:
            joined = "\n".join(self.keys(level)) if level is not EXACT else None
            text = self._exact_text if joined is None else f"\n{joined}\n"
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
