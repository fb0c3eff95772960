"""One file's lines seen at several degrees of strictness, and search in them.

A search is one `str.find` over joined lines, so its time is linear in the file whatever the hunk
says. What is equal at any level is equal without blanks, so one search in the text without blanks
finds the few places where a stricter level is worth asking. Nothing is decided here: a view only
says where lines occur.
"""

from __future__ import annotations

import re
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
_BLANK_LINES = re.compile("\n\n+")
_MOST_STARTS = 200  # places without blanks that are looked at more closely, and lines of them:
_MOST_COMPARED = 20_000
_BLANKS = " \t\r\x0b\x0c\x1c\x1d\x1e\x1f"  # what `str.split` takes for a blank in ASCII, but "\n"
_MORE_BLANKS = "\x85\u2028\u2029"  # those beyond ASCII that `fold` leaves
_SHORT = 200  # characters; in a longer text it is quicker to look for each look-alike
_LOOK_ALIKE_TEXTS = tuple((chr(code), plain) for code, plain in _LOOK_ALIKES.items())
BLANK_LOOK_ALIKES = "".join(like for like, plain in _LOOK_ALIKE_TEXTS if not plain.strip())
_SQUEEZE: dict[int, str | None] = {**dict.fromkeys(map(ord, _BLANKS)), ord("`"): "'"}


def fold(text: str) -> str:
    """Look-alike characters made one: composed letters, plain quotes, dashes and blanks."""
    if text.isascii():
        return text.replace("`", "'")
    text = unicodedata.normalize("NFC", text)
    if len(text) <= _SHORT:
        return text.translate(_LOOK_ALIKES)
    for character, plain in _LOOK_ALIKE_TEXTS:
        if character in text:
            text = text.replace(character, plain)
    return text


def squeeze(text: str) -> str:
    """`fold` without any blanks; lines stay lines."""
    if not text.isascii():
        text = fold(text)
    if text.isascii():
        return text.translate(_SQUEEZE)
    for blank in _BLANKS + _MORE_BLANKS:
        if blank in text:
            text = text.replace(blank, "")
    return text


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
    return squeeze("\n".join(lines)).split("\n") if lines else []


EXACT = Level("exact", _as_is, folds=False)
TRAILING = Level("trailing blanks", _right_stripped, "blanks at line ends differ", folds=False)
FOLDED = Level("look-alikes", _right_stripped, "look-alike characters were taken as equal")
INDENTED = Level("indentation", _stripped, "the indentation differs")
SPACED = Level("spacing", _spaced, "the amount of white space differs")
SQUEEZED = Level("no blanks", _squeezed, "white space is added or missing inside lines")
LEVELS = (EXACT, TRAILING, FOLDED, INDENTED, SPACED, SQUEEZED)


class Haystack:
    """Lines joined for searching: a line end before each of them and after the last.

    The first searches look through the text; when more come, each line's rows are indexed once.
    """

    def __init__(self, text: str) -> None:
        self.text = text
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
        if len(starts) * size > _MOST_COMPARED:
            return None
        return [at for at in starts if self._lines[at : at + size] == wanted]


class FileView:
    """One file's text, with haystacks that are made when they are first asked for."""

    def __init__(self, text: str | None, lines: Sequence[str] | None = None) -> None:
        self._text = text
        self._lines = lines
        self._total = len(lines) if lines is not None else None
        self._bare: list[str] | None = None
        self._whole: dict[str, Haystack] = {}
        self._filled: dict[str, Haystack] = {}
        self._filled_rows: list[int] | None = None
        self._asked: tuple[tuple[str, ...], list[int] | None] = ((), [])

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
            self._bare = self.whole(EXACT).text[1:-1].split("\n") if self.text else []
        return self._bare

    def folded(self, row: int) -> str:
        """One line's key at the level of look-alikes."""
        return fold(self.bare[row]).rstrip()

    def is_blank(self, row: int) -> bool:
        text = self.bare[row]
        return not text or text.isspace() or (not text.isascii() and not fold(text).strip())

    def has(self, text: str) -> bool:
        """Whether a line is `text`, but for look-alikes and white space."""
        return bool(self.text) and self.has_squeezed(squeeze(text))

    def has_squeezed(self, key: str) -> bool:
        """Whether a line is `key` when all blanks are left out of it."""
        return f"\n{key}\n" in self.whole(SQUEEZED).text

    # -- search --------------------------------------------------------------------------------

    def whole(self, level: Level) -> Haystack:
        """All lines, as this level has them."""
        found = self._whole.get(level.name)
        if found is None:
            found = self._whole[level.name] = Haystack(self._joined(level))
        return found

    def _joined(self, level: Level) -> str:
        if level is EXACT:
            text = self.text.replace("\r\n", "\n") if "\r" in self.text else self.text
            return f"\n{text}" if text.endswith("\n") else f"\n{text}\n"
        if level is SQUEEZED:
            return squeeze(self.whole(EXACT).text)
        return "\n" + "\n".join(level.line_keys(self.bare)) + "\n"

    def places(self, level: Level, texts: Sequence[str]) -> list[int]:
        """The rows where these lines stand together, equal at `level`, ascending.

        At most `MOST_PLACES` of them.
        """
        if level is EXACT:
            return self.whole(level).places(texts)
        starts = self._starts(texts)
        if starts is None:
            return self.whole(level).places(level.line_keys(texts))
        if level is SQUEEZED:
            return starts[:MOST_PLACES]
        keys, count = level.line_keys(texts), len(texts)
        found = [at for at in starts if level.line_keys(self.bare[at : at + count]) == keys]
        return found[:MOST_PLACES]

    def _starts(self, texts: Sequence[str]) -> list[int] | None:
        """Where the lines stand without their blanks; None where that is too often to help."""
        asked = tuple(texts)
        if self._asked[0] != asked:
            keys = SQUEEZED.line_keys(texts)
            most = min(_MOST_STARTS, MOST_PLACES + _MOST_COMPARED // len(texts))
            found = self.whole(SQUEEZED).places(keys, most)
            self._asked = (asked, found if len(found) < most else None)
        return self._asked[1]

    def places_aside(self, level: Level, texts: Sequence[str]) -> list[int]:
        """As `places`, for lines that are not blank, with blank lines anywhere between them."""
        starts = self._places_filled(SQUEEZED, texts)
        if not starts:
            return []
        rows, count = self.filled_rows, len(texts)
        if len(starts) >= MOST_PLACES or len(starts) * count > _MOST_COMPARED:
            return [rows[at] for at in self._places_filled(level, texts)]
        if level is SQUEEZED:
            return [rows[at] for at in starts]
        keys, bare = level.line_keys(texts), self.bare
        return [
            rows[at]
            for at in starts
            if level.line_keys([bare[row] for row in rows[at : at + count]]) == keys
        ]

    @property
    def filled_rows(self) -> list[int]:
        """The rows of the lines that are not blank."""
        if self._filled_rows is None:
            lines = self.whole(SQUEEZED).text[1:-1].split("\n")
            self._filled_rows = [row for row, line in enumerate(lines) if line]
        return self._filled_rows

    def _places_filled(self, level: Level, texts: Sequence[str]) -> list[int]:
        haystack = self._filled.get(level.name)
        if haystack is None:
            if level is SQUEEZED:
                text = _BLANK_LINES.sub("\n", self.whole(level).text)
            else:
                lines = self.whole(level).text[1:-1].split("\n")
                text = "\n" + "\n".join([lines[row] for row in self.filled_rows]) + "\n"
            haystack = self._filled[level.name] = Haystack(text)
        return haystack.places(level.line_keys(texts))

    def rows_beginning(self, text: str, start: int, end: int) -> list[int]:
        """Rows of [start, end) that begin with `text`, indentation and look-alikes aside."""
        wanted = fold(text).strip()
        needle, text = "\n" + squeeze(wanted), self.whole(SQUEEZED).text
        rows: list[int] = []
        row = seen = 0
        at = text.find(needle)
        while at >= 0 and len(rows) < MOST_PLACES:
            row += text.count("\n", seen, at)
            seen = at
            if row >= end:
                break
            if row >= start and self.folded(row).strip().startswith(wanted):
                rows.append(row)
            at = text.find(needle, at + 1)
        return rows
