"""What a session tells its faces: nouns and past tense, plain data, one JSON line each.

Paths are in the text form of `paths.path_text`. Times are seconds or milliseconds as the name says.
A change is named by its id ("c3"), unique in its session.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from codexspark_tui.events.lines import LinesMoved as LinesMoved
from codexspark_tui.events.pieces import ContextLeftOut as ContextLeftOut
from codexspark_tui.events.pieces import ContextPiece as ContextPiece
from codexspark_tui.events.resolved import ResolvedView
from codexspark_tui.events.runs import (
    RunFinished,
    RunOutput,
    RunStarted,
    ToolFinished,
    ToolStarted,
)
from codexspark_tui.patch.model import ChangeKind

State: TypeAlias = Literal[
    "accepted",  # taken, to be printed and not written
    "writing",
    "placed",
    "ambiguous",
    "refused",
    "accepted",
    "rejected",
    "stale",
    "written",
    "undone",
]
EndReason: TypeAlias = Literal["done", "open", "cancelled", "failed"]


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class SessionStarted(_Event, frozen=True, tag="session_started"):
    session: str
    root: str
    provider: str
    version: str


class TurnStarted(_Event, frozen=True, tag="turn_started"):
    turn: int
    prompt: str
    files: tuple[str, ...] = ()


class ContextChosen(_Event, frozen=True, tag="context_chosen"):
    """What goes with the request. `files`: those whose text does, or that were named.

    `tokens` (estimated) is the whole request; `window` the model's, where it is known.
    """

    turn: int
    files: tuple[str, ...]
    pieces: tuple[ContextPiece, ...] = ()
    left_out: tuple[ContextLeftOut, ...] = ()
    tokens: int | None = None
    window: int | None = None


class ModelChosen(_Event, frozen=True, tag="model_chosen"):
    """From here on another provider answers; `why` is a sentence, or empty."""

    provider: str
    why: str = ""


class Connected(_Event, frozen=True, tag="connected"):
    """The provider answered; `transport` says by which way ("in process", "script" …)."""

    transport: str
    model: str


class ProseDelta(_Event, frozen=True, tag="prose_delta"):
    text: str


class ReasoningDelta(_Event, frozen=True, tag="reasoning_delta"):
    text: str


class ChangeOpened(_Event, frozen=True, tag="change_opened"):
    """A change begins. `optional`: it is only offered, and off unless the person takes it.

    `author`: the model that writes it.
    """

    change: str
    kind: ChangeKind
    path: str
    needs: tuple[str, ...] = ()
    note: str = ""
    optional: bool = False
    author: str = ""


class ShownLine(msgspec.Struct, frozen=True, array_like=True):
    """A line as the model wrote it: its sign and its text."""

    sign: str
    text: str


class HunkLines(_Event, frozen=True, tag="hunk_lines"):
    """Lines of an open change, as the model wrote them; one event for each read of the stream."""

    change: str
    lines: tuple[ShownLine, ...]


class PlacedAt(msgspec.Struct, frozen=True, tag="placed", tag_field="kind"):
    """`line` is 1-based in the file as it was when the change was placed."""

    line: int
    how: str
    moved: int = 0
    assumed: tuple[str, ...] = ()


class AmbiguousAt(msgspec.Struct, frozen=True, tag="ambiguous", tag_field="kind"):
    lines: tuple[int, ...]


class NotPlacedAt(msgspec.Struct, frozen=True, tag="missing", tag_field="kind"):
    """`already`: the file is as the change would leave it. `nearest` is a line, from 1.

    `reason` is a word for `why` (as in `patch.model.Missing`). `wanted` is the first line of the
    change that the file does not have at the nearest place, `seen` what the file has there.
    `again`: the stream broke off in the middle of it, and the rest of the answer was asked for
    again.
    """

    why: str
    nearest: int | None = None
    already: bool = False
    reason: str = ""
    wanted: str = ""
    seen: str = ""
    again: bool = False


PlacementView: TypeAlias = PlacedAt | AmbiguousAt | NotPlacedAt


class Finding(msgspec.Struct, frozen=True):
    """A guard's complaint about a change. `lines`: indexes, from 0, of the resolved change's lines.

    A change with findings is taken by a person only, never by a plan.
    """

    rule: str
    why: str
    lines: tuple[int, ...] = ()


class ChangeClosed(_Event, frozen=True, tag="change_closed"):
    """A change is complete. `resolved` is what would be written, with `digest` to decide by;
    `needs` are all changes that it cannot do without."""

    change: str
    state: State
    placement: PlacementView
    digest: str = ""
    resolved: ResolvedView | None = None
    findings: tuple[Finding, ...] = ()
    needs: tuple[str, ...] = ()


class ChangeMoved(_Event, frozen=True, tag="change_moved"):
    """A pending change was placed anew, on the file as it is now or where the person said, or
    another version of it is shown, or what was in its way has gone. `author`: who wrote what is
    shown now."""

    change: str
    state: State
    placement: PlacementView
    digest: str = ""
    resolved: ResolvedView | None = None
    findings: tuple[Finding, ...] = ()
    author: str = ""
    needs: tuple[str, ...] = ()


class ChangeStale(_Event, frozen=True, tag="change_stale"):
    """A pending change cannot be placed on the file as it is now. Its digest stays what it was."""

    change: str
    why: str


class ChangeDecided(_Event, frozen=True, tag="change_decided"):
    """The person's decision took effect. `entry` is the ledger's name of a written change."""

    change: str
    state: State
    reason: str = ""
    entry: str = ""


class DecisionRefused(_Event, frozen=True, tag="decision_refused"):
    """A decision was not carried out, and why; nothing was written by it."""

    changes: tuple[str, ...]
    why: str


class ChangeSplit(_Event, frozen=True, tag="change_split"):
    """A hunk was replaced by `parts`, which are opened and closed by events of their own."""

    change: str
    parts: tuple[str, ...]


class VersionShown(_Event, frozen=True, tag="version_shown"):
    """Of a hunk with several versions this one is shown now, counted from 1; it was told before,
    as a `ChangeMoved`, what it says."""

    change: str
    version: int
    versions: int


class FileWritten(_Event, frozen=True, tag="file_written"):
    path: str
    deleted: bool = False


class ChangeUndone(_Event, frozen=True, tag="change_undone"):
    """A written change was taken back (`state` "undone") or put back again ("written")."""

    entry: str
    path: str
    state: State
    change: str = ""


class UndoConflict(_Event, frozen=True, tag="undo_conflict"):
    """A change that cannot be taken back safely: the patch that would have been written."""

    entry: str
    path: str
    why: str
    patch: str


class Asked(_Event, frozen=True, tag="asked"):
    """The provider needs a choice among `options`; `Answer` names its index."""

    question: str
    text: str
    options: tuple[str, ...]


class Usage(_Event, frozen=True, tag="usage"):
    """One answer's count by the provider; `first_token_ms` and `stream_ms` by our own clock.

    `cost_usd` only where the prices are known; `window` is the model's where that is known.
    """

    first_token_ms: float | None = None
    stream_ms: float = 0.0
    characters: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None
    window: int | None = None


class Retrying(_Event, frozen=True, tag="retrying"):
    """Nothing comes before `in_s` seconds are over. `attempt` 0: the server lets it wait."""

    in_s: float
    why: str
    attempt: int = 0
    attempts: int = 0


class LimitView(msgspec.Struct, frozen=True):
    """A rate limit as the server tells it; None where it does not."""

    name: str
    limit: int | None = None
    remaining: int | None = None
    resets_in_s: float | None = None


class RateLimits(_Event, frozen=True, tag="rate_limits"):
    limits: tuple[LimitView, ...]


class Notice(_Event, frozen=True, tag="notice"):
    text: str
    level: Literal["info", "warning"] = "info"


class Failed(_Event, frozen=True, tag="failed"):
    """The turn cannot go on: the fields of an error (errors.py) and the exit code it stands for."""

    code: str
    exit_code: int
    title: str
    detail: str = ""
    next_step: str = ""


class StreamFinished(_Event, frozen=True, tag="stream_finished"):
    """Nothing more will stream in this turn; what is placed waits for decisions.

    `truncated`: the answer is not whole (cut, failed, or stopped by the person).
    """

    turn: int
    truncated: bool = False


class TurnEnded(_Event, frozen=True, tag="turn_ended"):
    """Nothing streams and nothing is undecided (or the session closes). `entry`: the ledger's turn.

    Told again after a reopened change was decided.
    """

    turn: int
    reason: EndReason
    accepted: int = 0
    rejected: int = 0
    refused: int = 0
    left_open: int = 0
    entry: str = ""
    undone: int = 0


class Result(_Event, frozen=True, tag="result"):
    """The last line of `--json` on every path; `error` repeats what stderr says."""

    exit_code: int
    status: Literal["done", "nothing", "partial", "usage", "failed", "interrupted"]
    files: tuple[str, ...] = ()
    accepted: int = 0
    rejected: int = 0
    refused: int = 0
    offered: int = 0
    entry: str = ""
    error: Failed | None = None


Event: TypeAlias = (
    SessionStarted
    | TurnStarted
    | ContextChosen
    | ModelChosen
    | Connected
    | ProseDelta
    | ReasoningDelta
    | ChangeOpened
    | HunkLines
    | ChangeClosed
    | ChangeMoved
    | ChangeStale
    | ChangeDecided
    | DecisionRefused
    | ChangeSplit
    | LinesMoved
    | VersionShown
    | FileWritten
    | ChangeUndone
    | UndoConflict
    | Asked
    | RunStarted
    | RunOutput
    | RunFinished
    | ToolStarted
    | ToolFinished
    | Usage
    | Retrying
    | RateLimits
    | Notice
    | Failed
    | StreamFinished
    | TurnEnded
    | Result
)
