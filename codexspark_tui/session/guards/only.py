"""`--only PATH[::SYMBOL]`: every changed line lies in one of the named places.

PATH is a file, a folder or a pattern (fnmatch); SYMBOL a definition in it, with its parts told
apart by dots or by colons ("Reader.parse", "Reader::parse"). Removed lines are looked for in the
old text, added ones in the new.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from codexspark_tui.patch.model import ResolvedRename
from codexspark_tui.session.guards.languages import spans
from codexspark_tui.session.guards.subject import Found, Subject


def outside(subject: Subject, places: Sequence[str]) -> list[Found]:
    named = [place.partition("::") for place in places]
    for path in dict.fromkeys((subject.change.path, subject.path)):
        symbols = [symbol for place, _, symbol in named if _covers(place, path)]
        if not symbols:
            who = _named(subject, path)
            return [Found("only", f"{who} lies outside of {_listed(places)}", _changed(subject))]
    if "" in symbols:
        return []
    if isinstance(subject.change, ResolvedRename) or not subject.lines:
        return [Found("only", f"the file itself is changed, not only {_listed(places)}")]
    missed = _missed(subject, symbols)
    if not missed:
        return []
    return [Found("only", f"it changes lines outside of {_listed(places)}", missed)]


def _named(subject: Subject, path: str) -> str:
    """The other name of a rename is said; the one under which a change is shown need not be."""
    return "it" if subject.change.path == path else path


def _missed(subject: Subject, symbols: list[str]) -> tuple[int, ...]:
    """Indexes of changed lines that lie in none of the symbols; blank lines lie anywhere."""
    missed: list[int] = []
    for text, old in ((subject.before, True), (subject.after, False)):
        found = spans(subject.path, text or "") or ()
        ranges = [(s.first, s.last) for s in found if any(_is(s.name, x) for x in symbols)]
        for index, number, line in subject.numbered(old):
            if line.strip() and not any(first <= number <= last for first, last in ranges):
                missed.append(index)
    return tuple(sorted(missed))


def _covers(place: str, path: str) -> bool:
    place = place.removeprefix("./").rstrip("/")
    return place in (path, ".") or path.startswith(f"{place}/") or fnmatchcase(path, place)


def _is(name: str, wanted: str) -> bool:
    """Whether a definition is the wanted one: by its whole dotted name, or its last parts."""
    name, wanted = name.replace("::", "."), wanted.replace("::", ".")
    return name == wanted or name.endswith(f".{wanted}")


def _changed(subject: Subject) -> tuple[int, ...]:
    return tuple(i for i, line in enumerate(subject.lines) if line.sign != " ")


def _listed(places: Sequence[str]) -> str:
    return ", ".join(places)
