"""The face of a turn on the command line: JSON Lines on stdout, or notices on stderr.

Questions are asked on the terminal, where there is one that the person looks at.
"""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from codexspark_tui.actions.oneshot import Outcome
from codexspark_tui.actions.spent import Spent, waiting_line
from codexspark_tui.cli.fences import WithoutEmptyFences
from codexspark_tui.cli.json_face import write_line
from codexspark_tui.cli.output import is_terminal, print_product, say, say_piece
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.events import facts, runs
from codexspark_tui.events.facts import Event
from codexspark_tui.events.visible import visible_line

PROSE_CHARACTERS = 4000
LEFT_OUT = 10


@dataclass(slots=True)
class TurnFace:
    """`quiet`: only warnings. `interactive`: the person asked to be asked, so /dev/tty will do.

    `runs`: what commands print is shown, too. `terminal`: where questions are asked, and what is
    said on stderr waits for their answers. `prose` is the beginning of what was said beside the
    changes, `session` the session's id. `undo`: the command that undoes in this tree.
    """

    as_json: bool = False
    quiet: bool = False
    interactive: bool = False
    runs: bool = False
    prose: str = ""
    session: str = ""
    undo: str = "spark undo"
    ends_line: bool = False
    terminal: Terminal | None = None
    spent: Spent = field(default_factory=Spent)

    def show(self, event: Event) -> None:
        self.spent.note(event)
        if self.as_json:
            write_line(event)
        elif self.terminal is not None:
            self.terminal.when_free(partial(self._say, event))
        else:
            self._say(event)
        match event:
            case facts.SessionStarted():
                self.session = event.session
            case facts.ProseDelta() if event.text:
                self.ends_line = event.text.endswith("\n")
                self.prose = (self.prose + event.text)[:PROSE_CHARACTERS]
            case _:
                pass

    def _say(self, event: Event) -> None:
        """What is told while it happens, on stderr."""
        match event:
            case facts.Notice():
                if event.level == "warning" or not self.quiet:
                    say(f"spark: {event.text}")
            case facts.ContextChosen():
                for left_out in [x for x in event.left_out if x.wanted][:LEFT_OUT]:
                    say(f"spark: not sent: {left_out.path or 'the rest'}: {left_out.why}")
            case facts.Retrying() if not self.quiet:
                say(f"spark: {waiting_line(event)}")
            case runs.RunStarted() if self.runs:
                command = event.command
                say(f"spark: $ {shlex.join(command) if len(command) > 1 else command[0]}")
            case runs.RunOutput() if self.runs:
                say_piece(event.text)
            case runs.RunStarted() if not self.quiet:
                how = " (not confined)" if event.confined == "none" else ""
                say(f"spark: runs: {' '.join(event.command)}{how}")
            case runs.RunFinished() if not self.quiet and not self.runs:
                say(f"spark: {ended_text(event)} after {event.seconds:.1f} s")
            case runs.ToolFinished() if not (event.ok or self.quiet):
                say(f"spark: the model was told: {visible_line(event.said)}")
            case facts.ModelChosen() if not self.quiet:
                say(f"spark: {event.provider} answers from here on")
            case _:
                pass

    async def ask(self, asked: facts.Asked) -> int | None:
        """The index of the person's choice; None for no answer, or without a terminal."""
        looked_at = is_terminal(0) and is_terminal(2) and not self.as_json
        if not (self.interactive or looked_at):
            return None
        lines = [f"  {number}. {text}" for number, text in enumerate(asked.options, 1)]
        said = "\n".join([asked.text, *lines]) + "\n"
        prompt = f"Which one? [1-{len(asked.options)}, empty: none] "
        with ExitStack() as stack:
            terminal = self.terminal or stack.enter_context(Terminal.open())
            answer = await terminal.ask(prompt, said)
        if answer is not None and answer.isdecimal() and 1 <= int(answer) <= len(asked.options):
            return int(answer) - 1
        return None


def ended_text(event: runs.RunFinished) -> str:
    if event.ended == "exit":
        return f"exit {event.exit_code}"
    return event.why or f"stopped ({event.ended})"


@dataclass(slots=True)
class ProseFace(TurnFace):
    """What is said is the product: it goes to stdout as it comes, without fences of nothing."""

    fences: WithoutEmptyFences = field(default_factory=WithoutEmptyFences)
    ends_product: bool = True

    def show(self, event: Event) -> None:
        TurnFace.show(self, event)
        if isinstance(event, facts.ProseDelta) and not self.as_json:
            self._print(self.fences.take(event.text))

    def end(self) -> None:
        """The text ends with its line."""
        self._print(self.fences.end())
        if not self.ends_product:
            self._print("\n")

    def _print(self, text: str) -> None:
        if text:
            print_product(text)
            self.ends_product = text.endswith("\n")

    def tell_left_out(self, outcome: Outcome) -> None:
        """Of changes in an answer to a question."""
        if (outcome.resolved or outcome.problems) and not self.quiet:
            say("spark: the answer holds changes, which were left out; spark edit makes changes")
