"""What a provider says beside its answer, in a form that a client of a model can show. Pure.

Notices and what is only offered become reasoning, so that the text stays a patch that can be
applied as it is. A question becomes text with numbered options. An answer without any text or call
gets its notices as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from codexspark_tui.providers.model import (
    Counted,
    Ended,
    Finish,
    ItemDone,
    ModelEvent,
    Opened,
    Question,
    ReasoningDelta,
    Said,
    SectionStarted,
    TextDelta,
    ToolDelta,
)


@dataclass(slots=True)
class Teller:
    """Reduces the events of an answer to text, reasoning, calls and items; keeps the rest.

    `finish`: None until the answer has ended. `question`: the one that it ended with.
    """

    model: str = ""
    counted: Counted | None = None
    finish: Finish | None = None
    question: Question | None = None
    _offering: bool = False
    _spoke: bool = False
    _notices: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.finish is not None

    def told(self, event: ModelEvent) -> Iterator[ModelEvent]:
        """What of it goes to the client: TextDelta, ReasoningDelta, ToolDelta, ItemDone."""
        match event:
            case TextDelta():
                if not self._offering:
                    self._spoke = True
                    yield event
            case ReasoningDelta():
                yield event
            case ToolDelta() | ItemDone():
                self._spoke = True
                yield event
            case Opened(_, model):
                self.model = model
            case Counted():
                self.counted = event
            case Said(text):
                self._notices.append(text)
                yield ReasoningDelta(f"{text}\n")
            case SectionStarted(note, optional):
                self._offering = optional
                if optional:
                    yield ReasoningDelta(f"only offered, and left out here: {note}\n")
            case Question():
                self.question = event
                self._spoke = True
                yield TextDelta(_asked(event))
            case Ended(finish):
                self.finish = finish
                if not self._spoke and self._notices:
                    yield TextDelta("\n".join(self._notices) + "\n")
            case _:
                return


def _asked(question: Question) -> str:
    options = [f"{number}. {option}" for number, option in enumerate(question.options, 1)]
    return "\n".join([question.text, *options]) + "\n"


def choice_in(text: str, options: int) -> int | None:
    """The index of the option that a person's next message names by its number, if it does."""
    said = text.strip().rstrip(".)")
    if not (said.isascii() and said.isdecimal() and len(said) < 6):
        return None
    return int(said) - 1 if 1 <= int(said) <= options else None
