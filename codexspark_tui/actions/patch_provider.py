"""A patch that somebody else made, as a provider: `spark apply` and its like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from codexspark_tui.errors import NotPlaced
from codexspark_tui.patch.cut import looks_cut, may_be_cut
from codexspark_tui.patch.model import (
    ChangeEnded,
    Create,
    Delete,
    Fact,
    Hunk,
    Placed,
    Proposed,
    Rename,
    StreamEnded,
    Unsupported,
)
from codexspark_tui.patch.rewrite import invert_proposed, render_proposed
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
    Unconnected,
)
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.reading import reader_for

PIECE = 1 << 16


def rewritten(text: str, desk: Desk, *, reverse: bool, strip: int | None) -> str:
    """The patch with its names cut as `patch -p` does, turned round if `reverse`.

    Raises `NotPlaced` where a part of it cannot be read, as it could not be named afterwards.
    """
    reader = reader_for(desk, strip=strip)
    facts = [*reader.feed(text), *reader.close()]
    for fact in facts:
        if isinstance(fact, Unsupported):
            raise NotPlaced(f"{fact.path or 'the patch'}: {fact.why}", next_step=_WHOLE)
        if isinstance(fact, StreamEnded) and fact.truncated:
            raise NotPlaced(f"the patch is not whole: {fact.why}", next_step=_WHOLE)
    changes = [fact.change for fact in facts if isinstance(fact, ChangeEnded)]
    if strip is not None:
        _check_names(changes, desk, reverse=reverse)
    return render_proposed(invert_proposed(changes) if reverse else changes)


def named_alike(text: str, desk: Desk) -> str:
    """The patch with its new files beside its others, if only later names show where that is.

    What streams is read in its order; a patch that is there as a whole need not be.
    """
    reader = reader_for(desk)
    facts = [*reader.feed(text), *reader.close()]
    ended = [fact.change for fact in facts if isinstance(fact, ChangeEnded)]
    made = [change.path for change in ended if change.kind == "create"]
    if not any(map(reader.leads.below, made)) or any(_is_torn(fact) for fact in facts):
        return text
    again = reader_for(desk, leads=reader.leads)
    facts = [*again.feed(text), *again.close()]
    return render_proposed([fact.change for fact in facts if isinstance(fact, ChangeEnded)])


def _is_torn(fact: Fact) -> bool:
    return isinstance(fact, Unsupported) or (isinstance(fact, StreamEnded) and fact.truncated)


def breaks_off(text: str, desk: Desk, *, reverse: bool = False, strip: int | None = None) -> bool:
    """Whether the patch seems to end in the middle of its last hunk, judged with the hunk's file.

    No server says of a patch in a file or a pipe that it is whole. `desk` is used up by this.
    """
    if text.rstrip().rpartition("\n")[2].lstrip(" \t>")[:1] not in {"+", "-"}:
        return False
    reader = reader_for(desk, strip=strip)
    facts = [*reader.feed(text), *reader.close()]
    changes = [fact.change for fact in facts if isinstance(fact, ChangeEnded)]
    last = changes[-1] if changes and reader.open_ended else None
    if not isinstance(last, Hunk) or not may_be_cut(last):
        return False
    if reverse:
        changes = [*invert_proposed(changes[:-1]), *invert_proposed([last])]
    outcome = None
    for number, change in enumerate(changes):
        outcome = desk.place(f"c{number}", change)
    hunk, draft = changes[-1], desk.draft_of(changes[-1].path)
    if outcome is None or draft is None or not isinstance(hunk, Hunk):
        return False
    placed = outcome.placement
    return isinstance(placed, Placed) and looks_cut(draft.lines, hunk, placed)


def _check_names(changes: Sequence[Proposed], desk: Desk, *, reverse: bool) -> None:
    """With a number of folders to cut, a name is not guessed: the file must be there."""
    made = {change.to for change in changes if isinstance(change, Rename)}
    new = Delete if reverse else Create
    for change in changes:
        path = change.to if reverse and isinstance(change, Rename) else change.path
        if isinstance(change, new) or (path in made and not reverse) or desk.exists(path):
            continue
        raise NotPlaced(
            f"there is no file {path}",
            next_step="Give another number with --strip, or none to have the names guessed.",
        )


_WHOLE = "Give it the whole of a patch that is text only; --strip and --reverse read it first."


@dataclass(slots=True)
class PatchProvider(Unconnected):
    """Streams `text`, of the model `model`; bytes that are not UTF-8 are surrogates in it.

    With `is_cut` it ends as an answer does that breaks off.
    """

    text: str
    is_cut: bool = False
    name: str = "patch"
    model: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        yield Opened("patch", self.model)
        for start in range(0, len(self.text), PIECE):
            yield TextDelta(self.text[start : start + PIECE])
            await asyncio.sleep(0)
        yield Ended("cut" if self.is_cut else "stop")
