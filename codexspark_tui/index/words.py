"""Words of texts, names and paths, as the index keeps them. Pure.

An identifier counts as itself and as its parts: `readHeader` is readheader, read and header. How
often a word stands in a file matters less and less, so a document repeats it log2 times.
"""

from __future__ import annotations

import functools
import re
from collections import Counter

LONGEST_WORD = 64
MOST_WORDS = 6_000  # different ones in a file
MOST_TEXT = 600_000  # characters; a table of data says no more in its second half
_WORD = re.compile(r"[^\W\d]\w+")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+|\d+")
_PATH_PART = re.compile(r"[\w]+")


@functools.lru_cache(maxsize=1 << 16)
def parts(word: str) -> tuple[str, ...]:
    """The parts of an identifier in lower case; () where it has one only."""
    if "_" not in word and (word.islower() or word[1:].islower()):
        return ()
    found = tuple(part.lower() for part in _PART.findall(word) if len(part) > 1)
    return found if len(found) > 1 or (found and found[0] != word.lower()) else ()


def document(text: str) -> tuple[str, bool]:
    """The words of a text, for the full-text index, and whether these are all."""
    counts: dict[str, int] = Counter(_WORD.findall(text[:MOST_TEXT]))
    for word, count in list(counts.items()):
        if "_" in word or not word.islower():
            for part in parts(word):
                counts[part] = counts.get(part, 0) + count
    whole = len(text) <= MOST_TEXT and len(counts) <= MOST_WORDS
    if len(counts) > MOST_WORDS:
        counts = dict(sorted(counts.items(), key=lambda item: -item[1])[:MOST_WORDS])
    said = "".join(
        [
            f"{word} " * min(5, count.bit_length())
            for word, count in counts.items()
            if len(word) <= LONGEST_WORD
        ]
    )
    return said, whole


def is_kept(word: str) -> bool:
    """Whether a word like this is in the document of each text that holds it."""
    is_plain = word.isascii() and re.fullmatch(r"[A-Za-z_]\w+", word) is not None
    return is_plain and len(word) <= LONGEST_WORD


def names_document(names: list[str]) -> str:
    """Names of definitions with their parts."""
    return " ".join(" ".join((name, *parts(name))) for name in names)


def path_document(path: str) -> str:
    """The words of a path; its last part counts twice."""
    words = _PATH_PART.findall(path)
    last = _PATH_PART.findall(path.rpartition("/")[2])
    return " ".join(" ".join((word, *parts(word))) for word in (*words, *last))
