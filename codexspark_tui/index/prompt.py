"""What a prompt says about places: mentions, paths, lines of stack traces, names of code, words.
Pure; the tree is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codexspark_tui.index.words import parts

MOST_NAMES = 16
MOST_WORDS = 24
LONGEST = 40_000  # characters; of a longer prompt (a log, say) the beginning and the end are read
# A mention: @path, @path:10-40, @"a path", @Name, @diff …; not the @ of an address or a decorator.
MENTION = re.compile(r"(?<![\w@./])@(?:\"([^\"\n]{1,400})\"|([^\s@,;'\"`()<>]{1,400}))")
_RANGE = re.compile(r"(.+?):(\d+)(?:[-:](\d+))?$")
_NO_WORD = re.compile(r"[^\s/]{300,}|\S{4000,}")  # nothing that a person wrote
_PATH = re.compile(
    r"(?<![\w.@+-])(?:[\w.@+-]*(?:/[\w.@+-]+)+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,7}\b)"
)
_TRACES = (
    re.compile(r'File "([^"\n]+)", line (\d+)(?:, in ([\w.<>]+))?'),  # Python
    re.compile(r"\bat (?:([\w$.<>]+) )?\(?((?:[\w@./\\-]+/)?[\w.-]+\.\w+):(\d+)(?::\d+)?\)?"),
    re.compile(r"(?:-->|in|from)?\s*((?:[\w@.-]+/)*[\w.-]+\.[A-Za-z]\w{0,5}):(\d+)(?::\d+)?"),
)
_QUOTED = re.compile(r"`([^`\n]{1,200})`")
_NAME = re.compile(r"[^\W\d]\w*")
_CALLED = re.compile(r"([^\W\d]\w*)\s?\(")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """a about add added adding adds after again all allow also always an and any are as at be
        because been before being but by can change changed changes code could do does doing
        done don each else error ever every file files find fix fixed fixes fixing for from get
        gets give go good has have help here how if in instead into is it its just keep let like
        line lines look make makes making may me more most must my need needs new no not now of
        off old on once one only or other our out over own please put read remove removed
        removes rename s same see set should show so some still such sure t take test tests than
        that the their them then there these they thing things this those through to too try
        update updated use used uses using very want was way we well were what when where which
        while who why will with without work works would write you your""",
    )
)


@dataclass(frozen=True, slots=True)
class Mention:
    """What stands behind an @: a path, a glob, a folder, a symbol or a word like "diff".

    `lines`: the range that was given with it.
    """

    what: str
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A path that the prompt names; `line` 0 where it names none; `name`: the function there."""

    path: str
    line: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt, read. `names` look like code, the surest first; `words` are the others."""

    mentions: tuple[Mention, ...] = ()
    places: tuple[Place, ...] = ()
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def read_prompt(text: str) -> Said:
    """What it says, each thing once."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    text = _NO_WORD.sub(" ", text)
    plain = MENTION.sub(" ", text)
    places = tuple(dict.fromkeys(_places(plain)))
    rest = _PATH.sub(_unless_path, plain)
    names = tuple(dict.fromkeys([*_names(rest), *(p.name for p in places if p.name)]))[:MOST_NAMES]
    words = (word.lower() for word in _NAME.findall(rest))
    plain_words = [w for w in words if len(w) > 2 and w not in _COMMON]
    split = [part for name in names for part in parts(name) if len(part) > 2]
    return Said(
        tuple(dict.fromkeys(mentions(text))),
        places,
        names,
        tuple(dict.fromkeys([*plain_words, *split]))[:MOST_WORDS],
    )


def mentions(text: str) -> list[Mention]:
    """Every mention in its order."""
    return [mention(quoted or bare.rstrip(".!?:")) for quoted, bare in MENTION.findall(text)]


def mention(said: str) -> Mention:
    """ "src/io.py:10-40" → the path and the range."""
    found = _RANGE.fullmatch(said)
    if found is None:
        return Mention(said)
    first = int(found[2][:9])
    last = int(found[3][:9]) if found[3] else first
    return Mention(found[1], (min(first, last), max(first, last)))


def _places(text: str) -> Iterator[Place]:
    for path, line, name in _TRACES[0].findall(text):
        yield Place(path, int(line[:9]), "" if name.startswith("<") else name.rpartition(".")[2])
    for name, path, line in _TRACES[1].findall(text):
        yield Place(path, int(line[:9]), name.rpartition(".")[2])
    for path, line in _TRACES[2].findall(text):
        yield Place(path, int(line[:9]))
    for path in _PATH.findall(text):
        yield Place(path.strip("./"))


def _unless_path(found: re.Match[str]) -> str:
    """Names with points are read as code, too; what has a slash is a path and nothing else."""
    return " " if "/" in found.group() else found.group()


def _names(text: str) -> Iterator[str]:
    for part in _QUOTED.findall(text):
        yield from (name for name in _NAME.findall(part) if len(name) > 1)
    yield from (name for name in _CALLED.findall(text) if len(name) > 2)
    for part in _DOTTED.findall(text):
        yield from (name for name in part.split(".") if len(name) > 2)
    yield from (name for name in _NAME.findall(text) if is_shaped(name) and len(name) > 2)
    yield from (name for name in _NAME.findall(text) if _is_capital(name))


def _is_capital(word: str) -> bool:
    """Whether it may be the name of a class, or begin a sentence: the index knows which."""
    return len(word) > 2 and word[0].isupper() and word.lower() not in _COMMON


def is_shaped(word: str) -> bool:
    """Whether no ordinary word is written like this: snake_case, camelCase, with digits."""
    return "_" in word.strip("_") or any(c.isupper() or c.isdigit() for c in word[1:])
