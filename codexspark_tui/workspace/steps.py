"""A step: what one write does to one file, enough to do it, to see whether it was done, and to
take it back. A batch of steps is what is on disk whole or not at all.

Pure values; `draft.py` makes them, `writer.py` carries them out, `ledger.py` keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from codexspark_tui.patch.model import Mode
from codexspark_tui.workspace.delta import Delta, forward, inverted


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file (a link's target where the mode is 120000)."""

    data: bytes
    mode: Mode


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a step: the digest of the file, "" where there is none. `rights` are all of its
    permission bits (0: those that the file has, or that a new file gets)."""

    digest: str
    mode: Mode = "100644"
    rights: int = 0

    @property
    def exists(self) -> bool:
        return self.digest != ""


@dataclass(frozen=True, slots=True)
class Step:
    """`path` goes from `before` to `after`; both are paths without links in them.

    With `source`, the file moves from there (nothing is at `path` before, nothing at `source`
    after). `deltas` follow one another and lead from the bytes before to those after; `data` is
    the whole content where one side does not exist. `makes` and `removes` are folders.

    With `data` and both sides, the file is written in place, so that its other names (hard links)
    change with it; `parted`: they are not all below the root, and keep the old bytes. `origin` is
    set where the file at `path` is another one afterwards: the path that it came from in the same
    batch ("": it is new), and `via` leads from its bytes there.
    """

    path: str
    before: Side
    after: Side
    deltas: tuple[Delta, ...] = ()
    data: bytes | None = None
    source: str = ""
    makes: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    origin: str | None = None
    via: tuple[Delta, ...] = ()
    parted: bool = False

    @property
    def in_place(self) -> bool:
        return self.data is not None and self.before.exists and self.after.exists

    def turned(self) -> Step:
        """The step that takes this one back."""
        deltas = tuple(inverted(delta) for delta in reversed(self.deltas))
        data = self.data
        if self.in_place and data is not None:
            data = through(data, deltas)
        turned = replace(
            self,
            data=data,
            origin=None,
            via=(),
            before=self.after,
            after=self.before,
            deltas=deltas,
            makes=self.removes,
            removes=self.makes,
        )
        if self.source:
            turned = replace(turned, path=self.source, source=self.path)
        return turned

    def content_after(self, before: bytes | None) -> bytes | None:
        """The bytes after, from the bytes before (None: no file); None where they do not fit."""
        if self.data is not None and (not self.before.exists or self.in_place):
            return self.data
        if before is None:
            return None
        return through(before, self.deltas)


def through(data: bytes, deltas: tuple[Delta, ...]) -> bytes | None:
    """`data` after each delta in turn; None where one does not fit."""
    now: bytes | None = data
    for delta in deltas:
        now = None if now is None else forward(now, delta)
    return now
