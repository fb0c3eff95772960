"""The face of a one-shot command: notices on stderr, questions on the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from codexspark_tui.cli.output import is_terminal, say
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event


@dataclass(slots=True)
class TextFace:
    """`quiet`: only warnings. Questions need a terminal on stdin and stderr."""

    quiet: bool = False

    def show(self, event: Event) -> None:
        match event:
            case facts.Notice(level="warning"):
                say(f"spark: {event.text}")
            case facts.Notice() if not self.quiet:
                say(f"spark: {event.text}")
            case facts.DecisionRefused():
                say(f"spark: {event.why}")
            case _:
                pass

    async def ask(self, asked: facts.Asked) -> int | None:
        if not (is_terminal(0) and is_terminal(2)):
            return None
        say(asked.text)
        for number, text in enumerate(asked.options, 1):
            say(f"  {number}. {text}")
        with Terminal.open() as terminal:
            prompt = f"Which one? [1-{len(asked.options)}, empty: none] "
            answer = await terminal.ask(prompt)
        if answer is not None and answer.isdecimal() and 1 <= int(answer) <= len(asked.options):
            return int(answer) - 1
        return None
