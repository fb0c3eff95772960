"""How a prompt becomes the next message of a conversation: its context, within the model's window.

Nothing is sent here. `start` keeps how things stood, so that a prompt which nobody answered leaves
no trace in the conversation (`rewind`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from codexspark_tui.events import commands
from codexspark_tui.events.paths import real_path
from codexspark_tui.session.context.budget import budget_for, cut_middle, is_full
from codexspark_tui.session.context.composed import Composed
from codexspark_tui.session.context.model import Context, LeftOut, Wanted
from codexspark_tui.session.context.shelf import Shelf
from codexspark_tui.session.conversation import Conversation, predicted, prompt_text
from codexspark_tui.session.review import Change
from codexspark_tui.session.tokens import Estimator


def sendable(text: str) -> str:
    """`text` as valid Unicode: bytes that are not UTF-8 (a pipe may hold some) are replaced."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@dataclass(slots=True)
class Asking:
    """The conversation of a session, and the prompt that is being asked. `prediction`: what the
    answer would be if it were in whole files and changed nothing."""

    context: Context
    estimator: Estimator
    shelf: Shelf = field(default_factory=Shelf)
    held: Conversation = field(default_factory=Conversation)
    prompt: commands.Prompt = field(default_factory=lambda: commands.Prompt(""))
    shrunk: bool = False
    prediction: str = ""
    _became: tuple[Change, ...] = ()
    _before: Conversation = field(default_factory=Conversation)

    def start(self, prompt: commands.Prompt, became: Iterable[Change]) -> None:
        """A new prompt; `became`: the changes of the answer before it."""
        self.prompt, self._became, self.shrunk = prompt, tuple(became), False
        self.shelf.note(self._became)
        self.prediction = ""
        self._keep()

    async def compose(self, window: int | None) -> Composed:
        """Choose the context. The conversation is as it was until `add`."""
        wanted, attached = self.wanted(self.prompt, window)
        chosen = await self.shelf.chosen(self.context, wanted)
        if attached != self.prompt.attached:
            cut = LeftOut("", "what was attached is too long, so its middle was left out")
            chosen = replace(chosen, left_out=(*chosen.left_out, cut))
        return Composed(chosen, attached)

    def wanted(self, prompt: commands.Prompt, window: int | None) -> tuple[Wanted, str]:
        """What to choose for, and what was attached as it has room."""
        budget = budget_for(window, self.held, self.estimator)
        budget = budget // 4 if self.shrunk else budget
        attached = cut_middle(prompt.attached, budget, self.estimator)
        files = tuple(real_path(path) for path in prompt.files)
        wanted = Wanted(
            prompt.text,
            files,
            max(0, budget - self.estimator.tokens(attached)),
            dict(self.held.sent),
            not self.held.listed,
        )
        return self.shelf.completed(wanted), attached

    def add(self, composed: Composed) -> None:
        """Append the prompt with its context as the next message."""
        text = prompt_text(self.prompt.text, composed.chosen, composed.attached, self._became)
        self.held.ask(sendable(text), composed.chosen)
        self.prediction = sendable(predicted(composed.chosen))

    def rewind(self) -> None:
        """Nothing has answered: as it was before the prompt."""
        self.held = self._before
        self._keep()

    def forget_opaque(self) -> None:
        """Another server answers from now on, also after `rewind`."""
        self.held.forget_opaque()
        self._before.forget_opaque()

    def shrink(self) -> None:
        """The request was too long: less context, and what was said before in short form."""
        self.rewind()
        self.shrunk = True
        if self.held.items:
            self.shorten("")

    def shorten(self, summary: str) -> None:
        """A summary takes the place of all that was said; without a text one made by rule."""
        self.held.shorten(summary if summary.strip() else self.held.by_rule())
        self._keep()

    def is_full(self, window: int | None) -> bool:
        return bool(self.held.items) and is_full(window, self.held, self.estimator)

    def _keep(self) -> None:
        self._before = Conversation(self.held.items, dict(self.held.sent), self.held.listed)
