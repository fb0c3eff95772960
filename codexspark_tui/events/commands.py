"""What a face can ask of a session. Verbs; plain data; one JSON line each."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Verdict: TypeAlias = Literal["accept", "reject"]


class _Command(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Choice(msgspec.Struct, frozen=True):
    """A change as the person saw it: its id and the digest of what was shown."""

    change: str
    digest: str


class Prompt(_Command, frozen=True, tag="prompt"):
    """Start a turn. `files` (in the text form of `paths.path_text`) were named beside the prompt.

    `attached` is text that was piped in with it. `asks`: it is a question, nothing is to change.
    """

    text: str
    files: tuple[str, ...] = ()
    attached: str = ""
    asks: bool = False


class Decide(_Command, frozen=True, tag="decide"):
    """Accept or reject changes. Several accepted together are written all or none. `by_plan`: no
    person rejects them, so that the reason is what guards say of them."""

    choices: tuple[Choice, ...]
    verdict: Verdict
    reason: str = ""
    by_plan: bool = False


class PlaceAt(_Command, frozen=True, tag="place_at"):
    """Settle an ambiguous change: `candidate` counts from 0 in the offered places.

    `digest` is that of the offer; "" takes whatever is offered now.
    """

    change: str
    candidate: int
    digest: str = ""


class Split(_Command, frozen=True, tag="split"):
    """Replace a placed hunk by its parts, which can be decided one by one.

    With `first` and `last` (of the shown lines, from 0) the parts are what is before these lines,
    these lines, and what is behind them, as far as each changes something; else one for each run.
    """

    choice: Choice
    first: int = -1
    last: int = -1


class Edit(_Command, frozen=True, tag="edit"):
    """Replace the added and removed lines of a placed hunk by what the person wrote.

    `text` has the form of a hunk's body: lines that start with a space, "-" or "+".
    """

    choice: Choice
    text: str


class Reopen(_Command, frozen=True, tag="reopen"):
    """Make a rejected change undecided again, or place a stale one on the file as it is now.

    Also after the turn has ended, until the next prompt: the turn is then taken up again.
    """

    change: str


class Reroll(_Command, frozen=True, tag="reroll"):
    """Ask the model for other versions of a placed hunk; `wish` says what they should be like."""

    choice: Choice
    wish: str = ""


class Escalate(_Command, frozen=True, tag="escalate"):
    """Ask the heavy model for a better version of a placed hunk, while the other one goes on.

    `reason` says what is wrong with it. What else the heavy model changes is added to the turn.
    """

    choice: Choice
    reason: str = ""


class Propose(_Command, frozen=True, tag="propose"):
    """Add the changes of a patch that was made elsewhere to the turn, to be reviewed like its own.

    `author`: the model that wrote it, or "".
    """

    patch: str
    author: str = ""


class Explain(_Command, frozen=True, tag="explain"):
    """Ask the model why it made a change of the newest turn; the answer is a `Notice`."""

    change: str


class PickVersion(_Command, frozen=True, tag="pick_version"):
    """Show the version of a hunk after (1) or before (-1) the one that is shown."""

    choice: Choice
    step: int


class Answer(_Command, frozen=True, tag="answer"):
    """Answer an `Asked`: the index of the chosen option, or None to give no answer.

    No answer ends the turn. With `goes_on` only what a tool of the model's wanted is refused, and
    the model is told so; of other questions it means nothing.
    """

    question: str
    choice: int | None
    goes_on: bool = False


class Undo(_Command, frozen=True, tag="undo"):
    """Take back what was written: a turn ("7"), a change ("7.2"), or the last turn ("")."""

    what: str = ""


class Redo(_Command, frozen=True, tag="redo"):
    what: str = ""


class Steer(_Command, frozen=True, tag="steer"):
    """Tell the model something while it answers; changes that are complete stay for review."""

    text: str


class SwitchModel(_Command, frozen=True, tag="switch_model"):
    """Let another model answer from the next prompt on: "SERVER/MODEL", or "codemods".

    "" asks which one, by an `Asked`.
    """

    model: str


class SetGuard(_Command, frozen=True, tag="set_guard"):
    """Turn a guard on or off from the next prompt on: "only" with a place, "max-lines" with a
    number, the others with "on" or "off"; "" as `name` tells which are on."""

    name: str
    value: str = ""


class Run(_Command, frozen=True, tag="run"):
    """Run a command that the person typed, confined, beside whatever streams."""

    command: str


class StopRun(_Command, frozen=True, tag="stop_run"):
    """End a command that the person typed while it runs; the turn and everything else go on.

    `run` as its `RunStarted` named it; of another one, or one that is over, nothing comes."""

    run: str


class Draft(_Command, frozen=True, tag="draft"):
    """What is being typed, so that its context is ready when it is sent.

    `shown`: also answer with a `ContextChosen` of turn 0. `files`: as the prompt will name them.
    """

    text: str
    shown: bool = False
    files: tuple[str, ...] = ()


class Pin(_Command, frozen=True, tag="pin"):
    """Send this file with every prompt from now on: a path, or "path:10-40". Undone by `Drop`."""

    path: str


class Drop(_Command, frozen=True, tag="drop"):
    """Do not send this file from now on, unless it is named. Undone by `Pin`."""

    path: str


class Look(_Command, frozen=True, tag="look"):
    """See whether files with open changes were changed by somebody else, and place them anew.

    The session does so by itself, too; this is for the moment in which somebody comes back.
    """


class Cancel(_Command, frozen=True, tag="cancel"):
    """Stop the stream; changes that are complete stay for review."""


class Close(_Command, frozen=True, tag="close"):
    """End the session; what is undecided stays unwritten."""


Command: TypeAlias = (
    Prompt
    | Decide
    | PlaceAt
    | Split
    | Edit
    | Reopen
    | Reroll
    | Escalate
    | Propose
    | PickVersion
    | Explain
    | Answer
    | Undo
    | Redo
    | Steer
    | SwitchModel
    | SetGuard
    | Run
    | StopRun
    | Draft
    | Pin
    | Drop
    | Look
    | Cancel
    | Close
)
