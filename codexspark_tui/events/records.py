"""What a command lists with --json: `log`, `show`, `config list`, `codemods`, `doctor`,
`models`.

They stand beside the events of a session (facts.py), in the same envelope and with the same
`result` as the last line. Paths are in the text form of `paths.path_text`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from codexspark_tui.patch.model import ChangeKind


class _Record(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class DeclinedChange(_Record, frozen=True, tag="declined"):
    """A change that was proposed and not written: rejected, kept back by a guard, or impossible to
    place, and why."""

    path: str
    state: Literal["rejected", "kept_back", "refused", "stale"]
    why: str
    patch: str = ""


class LedgerTurn(_Record, frozen=True, tag="turn"):
    """A turn that wrote something. `at`: seconds since 1970; `applied`: changes not undone;
    `authors`: the models that wrote its changes."""

    turn: int
    at: float
    prompt: str
    provider: str
    model: str
    changes: int
    applied: int
    files: tuple[str, ...]
    declined: tuple[DeclinedChange, ...] = ()
    authors: tuple[str, ...] = ()


class LedgerChange(_Record, frozen=True, tag="change"):
    """A change that was written. `entry` is its name in the ledger ("7.2"), `author` the model that
    wrote it."""

    entry: str
    turn: int
    path: str
    kind: ChangeKind
    applied: bool
    patch: str
    author: str = ""


class LineMade(_Record, frozen=True, tag="line"):
    """A line of a file (`number` from 1), and the change that made it; `entry` "": none known."""

    number: int
    text: str
    entry: str = ""
    prompt: str = ""
    provider: str = ""
    model: str = ""
    at: float = 0.0


class CommitMade(_Record, frozen=True, tag="commit"):
    """A git commit of what these turns wrote."""

    commit: str
    subject: str
    turns: tuple[int, ...]
    files: tuple[str, ...]


class PatchExported(_Record, frozen=True, tag="patch"):
    """What these turns come to, as one patch."""

    turns: tuple[int, ...]
    patch: str


class HistoryPruned(_Record, frozen=True, tag="pruned"):
    """What was forgotten (with --dry-run: would be), and the ledger's size before and after."""

    turns: int
    bytes_before: int
    bytes_after: int


class SettingInForce(_Record, frozen=True, tag="setting"):
    """A setting, and the layer that its value comes from."""

    key: str
    value: str | float | bool
    origin: str
    help: str


class CodemodListed(_Record, frozen=True, tag="codemod"):
    name: str
    summary: str
    command_example: str
    sentence_example: str
    library: str


class Checked(_Record, frozen=True, tag="check"):
    """One finding of `spark doctor`; a "problem" has a next step."""

    name: str
    state: Literal["ok", "note", "problem"]
    says: str
    next_step: str = ""


class BudgetMeasured(_Record, frozen=True, tag="measured"):
    """A budget beside what was measured, in `unit`; `judged` is compared with the budget."""

    name: str
    budget_ms: float
    median: float
    p95: float
    p99: float
    worst: float
    runs: int
    judged: float
    within: bool
    unit: str = "ms"


class ModelListed(_Record, frozen=True, tag="model"):
    """A model that can be chosen with `--model NAME`; null is unknown.

    `key`: where its key comes from, "" for nowhere; `answers`: whether its server was heard lately,
    and `why` not. Prices in US dollars for a million tokens.
    """

    name: str
    server: str
    base_url: str
    wire: str
    chosen: bool = False
    listed: bool = True
    window: int | None = None
    images: bool | None = None
    edit_format: str = "unified"
    input_price: float | None = None
    cached_price: float | None = None
    output_price: float | None = None
    key: str = ""
    needs_key: bool = False
    answers: bool | None = None
    why: str = ""


class VerifyFinding(_Record, frozen=True, tag="finding"):
    """What a check or a review has found; `path` "" and `line` 0 where none can be named.

    `tool`: the tool, the command or the model that says it; `by_model`: a model does."""

    tool: str
    path: str
    line: int
    end_line: int
    severity: Literal["error", "warning", "note"]
    rule: str
    message: str
    by_model: bool = False


class VerifyKept(_Record, frozen=True, tag="kept"):
    """The patch of a review: it waits, undecided, in this session of the repository."""

    session: str
    author: str
    changes: int
    patch: str


class WatchQueued(_Record, frozen=True, tag="queued"):
    """A comment in a saved file that asks for something. `ahead`: how many wait before it."""

    path: str
    line: int
    asks: Literal["edit", "answer"]
    text: str
    ahead: int


class IndexStatus(_Record, frozen=True, tag="index_status"):
    """How the index stands. `waiting`: files still to be read; `kinds`: files that are listed and
    not read, by kind; `failures`: (path, why); `place`: "" where it lives in memory."""

    files: int
    read: int
    waiting: int
    failed: int
    symbols: int
    kinds: dict[str, int]
    failures: tuple[tuple[str, str], ...] = ()
    place: str = ""
    size_bytes: int = 0
    notice: str = ""


class IndexSymbol(_Record, frozen=True, tag="index_symbol"):
    """A definition; `name` says what it stands in, too ("Reader.parse")."""

    path: str
    name: str
    kind: str
    line: int
    end_line: int
    signature: str


class IndexPiece(_Record, frozen=True, tag="index_piece"):
    """What would go along with a prompt; `form` "left_out" for what would not, and why."""

    path: str
    form: str
    reason: str
    lines: int = 0
    tokens: int = 0
    blob: str = ""
    ranges: str = ""


Record: TypeAlias = (
    LedgerTurn
    | LedgerChange
    | DeclinedChange
    | LineMade
    | CommitMade
    | PatchExported
    | HistoryPruned
    | SettingInForce
    | CodemodListed
    | Checked
    | BudgetMeasured
    | ModelListed
    | VerifyFinding
    | VerifyKept
    | WatchQueued
    | IndexStatus
    | IndexSymbol
    | IndexPiece
)
