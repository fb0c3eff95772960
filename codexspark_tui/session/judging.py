"""How the changes of a turn are judged without holding up the event loop.

    await judged(turn, act, *args)       → act(*args); it may judge changes of the turn
    judge.check(subject, rules, root)    → findings

What judges runs in a thread where guards were asked for, and the session waits for it before it
does anything else: the order of events is the same as if it had been done here, and nothing else
touches the turn meanwhile. What takes long of it (large texts, looks at the whole tree) is done by
a process of its own, for a thread that parses stops all others. What could not be checked has a
finding that says so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from codexspark_tui.session.guards import Found, Rules, Subject, check

if TYPE_CHECKING:
    from codexspark_tui.index.keeper import Keeper
    from codexspark_tui.session.apart import Apart
    from codexspark_tui.session.turn import Turn

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
LARGE = 50_000  # characters of a text; to parse 1,500 lines takes 15 ms
MUCH = 200_000  # characters of an answer, of which one change may be all
LONGEST_S = 30.0
_DEEP = "something in it is nested too deeply"
_READING = ("only", "no_new_deps", "keep_api", "syntax")  # rules that read the whole file


class _Far(Exception):
    """The tree must be looked through."""


def _too_far(word: str) -> list[str] | None:
    raise _Far


@dataclass(slots=True)
class Judge:
    """Of one session; `stopped` says whether the person has stopped what is done now. The index of
    the `keeper` can only say sooner that a name is known: files are read as they are now.

    `_held`: the files that hold a word, as far as that was asked for in this turn. `_given_up`: why
    the file of a path is not checked again in it.
    """

    stopped: Callable[[], bool] = lambda: False
    keeper: Keeper | None = None
    _apart: Apart | None = None
    _held: dict[str, list[str] | None] = field(default_factory=dict)
    _given_up: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """A turn begins: the tree may be another one."""
        self._held, self._given_up = {}, {}

    def check(self, subject: Subject, rules: Rules, root: Path) -> tuple[Found, ...]:
        """All findings of a change in the tree at `root`."""
        if not _is_large(subject, rules):
            try:
                return check(replace(subject, holding=_too_far), rules)
            except _Far:
                pass
            except RecursionError:
                return _unchecked(subject, rules, _DEEP)
        found = self._given_up.get(subject.path) or self._far(subject, rules, root)
        return _unchecked(subject, rules, found) if isinstance(found, str) else found

    def close(self) -> None:
        if self._apart is not None:
            self._apart.close()

    def _far(self, subject: Subject, rules: Rules, root: Path) -> tuple[Found, ...] | str:
        from codexspark_tui.session.apart import STOPPED, Apart, Errand

        if self._apart is None:
            self._apart = Apart(root)
        subject = replace(subject, likely=self._likely)
        found = self._apart.check(subject, rules, Errand(LONGEST_S, self.stopped, self._held))
        if isinstance(found, str) and found != STOPPED:
            self._given_up[subject.path] = found
        return found

    def _likely(self, word: str) -> list[str]:
        """By a part of the word that the index has as a word."""
        if self.keeper is None:
            return []
        from codexspark_tui.index.words import is_kept

        parts = [part for part in re.split(r"\W+", word) if is_kept(part)]
        found = self.keeper.index().may_hold(max(parts, key=len)) if parts else None
        return sorted(found or ())


async def judged(turn: Turn | None, act: Callable[[*Ts], T], *values: *Ts) -> T:
    """What `act` gives; it may judge changes of the turn."""
    if turn is None or not (turn.rules.need_texts or turn.characters > MUCH):
        return act(*values)
    return await beside(act, *values)


async def beside(act: Callable[[*Ts], T], *values: *Ts) -> T:
    """The same in a thread, whatever the guards; a cancelled wait still lets it end first."""
    task = asyncio.get_running_loop().run_in_executor(None, act, *values)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _unchecked(subject: Subject, rules: Rules, why: str) -> tuple[Found, ...]:
    """A finding for each rule that may be broken, and those of the others."""
    every = [one.name for one in fields(Rules)]
    missed = every if _adds_much(subject) else _READING
    said = f"{subject.path} could not be checked: {why}"
    found = [Found(name, said) for name in missed if getattr(rules, name)]
    none = {
        one.name: () if one.name == "only" else 0 for one in fields(Rules) if one.name in missed
    }
    found += check(subject, replace(rules, **none))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda one: every.index(one.rule)))


def _is_large(subject: Subject, rules: Rules) -> bool:
    reads = any(getattr(rules, name) for name in _READING)
    texts = (subject.before, subject.after, subject.whole) if reads else ()
    return any(len(text or "") > LARGE for text in texts) or _adds_much(subject)


def _adds_much(subject: Subject) -> bool:
    return sum(len(text) for _, text in subject.added()) > MUCH
