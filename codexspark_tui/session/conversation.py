"""The conversation with a model, as the items that a request holds. Pure.

Items are only ever appended, so that a server can go on from what it has (and caches it), until a
summary takes the place of all of them. What became of a change is told as a fact, in the message
that comes next; nothing that the person has not decided is told as decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from codexspark_tui.events.paths import path_text
from codexspark_tui.patch.model import Ambiguous, Missing, Placed
from codexspark_tui.providers.model import Image, Item, Message, Opaque, ToolCall, ToolOutput
from codexspark_tui.session.context.agents import REASON
from codexspark_tui.session.context.model import Chosen, Piece
from codexspark_tui.session.review import Change

SUMMARISE = (
    "Summarise this conversation for yourself, to go on from the summary alone: what the person "
    "wants, what was decided and why, what was rejected and why, which files matter, what is still "
    "to be done. At most 400 words, no diff."
)
_TICKS = re.compile(r"`{3,}")
_ROLES = {"user": "The person", "assistant": "You", "developer": "The tool"}
SHORTENED_CHARS = 600
_SAID = {
    "@diff": "What is changed in the working tree since the last commit",
    "@staged": "What is staged for the next commit",
    "@last-output": "What the last command printed",
}


@dataclass(slots=True)
class Conversation:
    """`sent`: the digest of each file whose text the items hold, by path."""

    items: tuple[Item, ...] = ()
    sent: dict[str, str] = field(default_factory=dict)
    listed: bool = False

    def ask(self, text: str, chosen: Chosen | None = None) -> None:
        """Append a message of the person's."""
        images: tuple[Image, ...] = chosen.images if chosen else ()
        self.items = (*self.items, Message("user", text, images))
        for piece in chosen.pieces if chosen else ():
            if piece.form in ("text", "lines") and piece.digest:
                self.sent[piece.key] = piece.digest
            self.listed = self.listed or piece.form == "list"

    def answered(self, items: Sequence[Item], text: str) -> None:
        """Append the model's answer; `text` stands in where it has no message among its items."""
        said = any(isinstance(item, Message) for item in items)
        own = () if said or not text.strip() else (Message("assistant", text),)
        self.items = (*self.items, *own, *items)

    def take_back(self) -> None:
        """Take away the last message of the person's, which nothing has answered."""
        if self.items and isinstance(self.items[-1], Message) and self.items[-1].role == "user":
            self.items = self.items[:-1]

    def shorten(self, summary: str) -> None:
        """Put a summary in the place of everything."""
        self.items = (Message("user", f"What was said and done up to now:\n\n{summary.strip()}"),)
        self.sent, self.listed = {}, False

    def forget_opaque(self) -> None:
        """Take out what only the server understands that has answered up to now."""
        self.items = tuple(item for item in self.items if not isinstance(item, Opaque))

    def text(self) -> str:
        """All text in it, for an estimate."""
        return "\n".join(text_of(item) for item in self.items)

    def by_rule(self) -> str:
        """A summary without a model: what each message said, shortened."""
        parts = []
        for item in self.items:
            if isinstance(item, Message) and item.text.strip():
                text = item.text.strip()
                if item.role == "user":
                    text = text.rpartition("\n\nThe prompt:\n")[2]
                parts.append(f"{_ROLES[item.role]}: {_shortened(text)}")
        return "\n\n".join(parts)


def _shortened(text: str) -> str:
    if len(text) <= SHORTENED_CHARS:
        return text
    half = SHORTENED_CHARS // 2
    return f"{text[:half]} … {text[-half:]}"


def text_of(item: Item) -> str:
    match item:
        case Message():
            return item.text
        case ToolCall():
            return item.arguments
        case ToolOutput():
            return item.text
        case Opaque():
            return item.data


# -- what the person's messages say ----------------------------------------------------------------


def prompt_text(
    prompt: str, chosen: Chosen, attached: str = "", became: Iterable[Change] = ()
) -> str:
    """What became of the last answer, the context, what was attached, and last the prompt."""
    parts = []
    facts = became_text(became)
    if facts:
        parts.append(facts)
    parts += [_piece_text(piece) for piece in chosen.pieces if not piece.known and piece.text]
    known = [_title(piece) for piece in chosen.pieces if piece.known]
    if known:
        parts.append("Shown before and not changed since: " + ", ".join(known))
    if attached:
        parts.append("Given with the prompt:\n" + fenced(attached))
    return "\n\n".join([*parts, f"The prompt:\n{prompt}"])


def _piece_text(piece: Piece) -> str:
    if piece.form == "list":
        return "Files of the repository:\n" + fenced(piece.text)
    if piece.form == "said":
        return f"{_SAID.get(piece.reason, piece.reason)}:\n{fenced(piece.text)}"
    if piece.reason == REASON:
        folder = path_text(piece.path).rpartition("/")[0] or "the repository"
        return (
            f"How {folder} wants to be worked on ({path_text(piece.path)}):\n{fenced(piece.text)}"
        )
    kind = "Outline of file" if piece.form == "outline" else "File"
    return f"{kind} {_title(piece)}:\n{fenced(piece.text)}"


def _title(piece: Piece) -> str:
    """The path, with the lines where it is not the whole file."""
    lines = ", ".join(f"{first}-{last}" for first, last in piece.ranges)
    return f"{path_text(piece.path)}, lines {lines}" if lines else path_text(piece.path)


def predicted(chosen: Chosen) -> str:
    """The answer in whole files that changes nothing, if one file is shown; "" otherwise."""
    shown = [piece for piece in chosen.pieces if piece.form == "text" and piece.text]
    if len(shown) != 1:
        return ""
    return f"{path_text(shown[0].path)}\n{fenced(shown[0].text)}"


def fenced(text: str) -> str:
    """`text` in a code fence that is longer than any in it."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}\n{text}{'' if text.endswith(chr(10)) else chr(10)}{ticks}"


def became_text(changes: Iterable[Change]) -> str:
    """What became of the changes of an answer, a line for each; "" if there are none."""
    lines = [f"- {_place(change)}: {_became(change)}" for change in changes]
    return "\n".join(["What became of the changes of your last answer:", *lines]) if lines else ""


def _place(change: Change) -> str:
    at = f" line {change.placement.at + 1}" if isinstance(change.placement, Placed) else ""
    kind = "" if change.kind == "hunk" else f" ({change.kind})"
    return f"{path_text(change.path)}{at if change.kind == 'hunk' else ''}{kind}"


def _became(change: Change) -> str:
    match change.state:
        case "written" | "accepted":
            return "accepted; it is in the file"
        case "rejected":
            return f"rejected: {change.reason}" if change.reason else "rejected"
        case "undone":
            return "accepted, and taken back again"
        case "refused" if isinstance(change.placement, Missing):
            return f"could not be placed: {change.placement.why}"
        case "ambiguous" if isinstance(change.placement, Ambiguous):
            return f"not decided; it fits in {len(change.placement.candidates)} places"
        case _:
            return "not decided; it is not in the file"


def rest_text(why: str, changes: Iterable[Change]) -> str:
    """Ask for the rest of an answer that broke off: which changes have come in full."""
    whole = [change for change in changes if change.state not in ("writing", "refused")]
    received = "\n".join(f"- {_place(change)}: {_decided(change)}" for change in whole)
    told = f"These changes of your answer have come in full:\n{received}" if whole else ""
    return "\n\n".join(
        part
        for part in (
            why,
            told or "No change of your answer has come in full.",
            "Give only the rest, as a patch of its own that begins with its file header. Repeat "
            "none of the changes above. If nothing is left, say so in a sentence.",
        )
        if part
    )


def _decided(change: Change) -> str:
    match change.state:
        case "written" | "accepted" | "rejected" | "undone":
            return _became(change)
        case _:
            return "received, not decided yet"


def whole_lines(text: str) -> str:
    """`text` up to its last whole line."""
    return text[: text.rfind("\n") + 1]
