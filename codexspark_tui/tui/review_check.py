"""The test command on what is accepted so far, and the change that breaks it.

Both run in a copy of the tree, in a thread of their own; the person has allowed the command before.
Changes say what came of it: "tests passed", "tests failed", "breaks the tests".
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from codexspark_tui.actions.checking import (
    HOW_TO_SET,
    NO_COMMAND,
    Checked,
    Guilty,
    bisect,
    check,
    written_in,
)
from codexspark_tui.errors import SparkError
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.words import count
from codexspark_tui.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.files import Files
    from codexspark_tui.tui.review_pane import ReviewPane
    from codexspark_tui.tui.review_view import Handlers


class CheckActions:
    """Runs the command of `files` for a pane; one run at a time."""

    def __init__(self, pane: ReviewPane, files: Files) -> None:
        self._pane = pane
        self._files = files
        self._allowed = False
        self._running = ""
        self._stop = threading.Event()

    def handlers(self) -> Handlers:
        return {
            "test": lambda _: self._asked("test", self._test),
            "bisect": lambda _: self._asked("bisect", self._bisect),
        }

    @property
    def running(self) -> str:
        """What is running now, for the status line."""
        return self._running

    def stop(self) -> bool:
        """End what runs; whether anything did."""
        self._stop.set()
        return bool(self._running)

    def _asked(self, what: str, act: Callable[[], None]) -> str:
        """Do it, after the person has allowed the command in this session."""
        if self._files.workspace is None or not self._files.test_command:
            return f"{NO_COMMAND}. {HOW_TO_SET}"
        if self._running:
            return f"{self._running}; esc ends it"
        if not self._written():
            return "nothing of this turn is accepted yet"
        if self._allowed:
            act()
            return ""
        title = f"Run {self._files.test_command} in a copy of the tree?"
        said = "It runs as you, and nothing keeps it from the network or from other files."
        self._pane.app.push_screen(ConfirmScreen(title, said, "run"), lambda y: self._go(y, act))
        return ""

    def _go(self, yes: bool | None, act: Callable[[], None]) -> None:
        if yes:
            self._allowed = True
            act()

    def _written(self) -> list[Item]:
        items = self._pane.board.of_turn(self._pane.board.turn)
        return [item for item in items if item.state == "written"]

    def _begin(self, said: str) -> None:
        self._running = said
        self._stop.clear()
        self._pane.say(said)

    def _test(self) -> None:
        self._begin("the tests are running")
        items = self._written()
        self._pane.run_worker(
            lambda: self._in_thread(self._checked, lambda done: self._tested(items, done)),
            thread=True,
            group="check",
            exit_on_error=False,
        )

    def _bisect(self) -> None:
        self._begin("looking for the change that breaks the tests")
        self._pane.run_worker(
            lambda: self._in_thread(self._found, self._named),
            thread=True,
            group="check",
            exit_on_error=False,
        )

    def _in_thread(
        self,
        work: Callable[[], Checked | Guilty],
        then: Callable[[Checked | Guilty], str],
    ) -> None:
        """Do the work here, and tell of it in the app's own thread."""
        try:
            done = work()
        except SparkError as error:
            said = ". ".join(part for part in (error.title, error.next_step) if part)
            self._pane.app.call_later(self._over, said)
            return
        self._pane.app.call_later(lambda: self._over(then(done)))

    def _over(self, said: str) -> None:
        self._running = ""
        self._pane.do(lambda: said)

    def _checked(self) -> Checked:
        assert self._files.workspace is not None
        return check(self._files.workspace, self._files.test_command, stopped=self._stop.is_set)

    def _tested(self, items: list[Item], done: Checked | Guilty) -> str:
        assert isinstance(done, Checked)
        for item in items:
            item.tested = "tests passed" if done.passed else "tests failed"
            self._pane.board.mark(item)
        if done.passed:
            return f"tests passed with {count(len(items), 'change')}, in {done.seconds:.1f} s"
        self._pane.tell(f"The tests failed:\n{done.said}")
        return "tests failed; b finds the change that breaks them"

    def _found(self) -> Guilty:
        assert self._files.workspace is not None
        turns = {item.entry.partition(".")[0] for item in self._written()}
        changes = [c for turn in sorted(turns) for c in written_in(self._files.workspace, turn)]
        command = self._files.test_command
        return bisect(self._files.workspace, command, changes, stopped=self._stop.is_set)

    def _named(self, done: Checked | Guilty) -> str:
        assert isinstance(done, Guilty)
        if done.change is None:
            return "the tests fail without these changes, too" if done.before else "the tests pass"
        guilty = next((i for i in self._written() if i.entry == done.change.selector), None)
        for item in self._written():
            item.tested = ""
            self._pane.board.mark(item)
        self._pane.tell(f"{done.change.selector} breaks the tests:\n{done.said}")
        if guilty is not None:
            guilty.tested = "breaks the tests"
            self._pane.control.go_to(guilty)
        return f"{done.change.selector} breaks the tests; u takes it back ({done.runs} runs)"
