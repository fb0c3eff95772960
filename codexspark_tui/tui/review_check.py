"""The test command on what is accepted so far, and the change that breaks it.

Both run in a copy of the tree, in a thread of their own, confined; where nothing confines a command
the person has allowed it before. Changes say what came of it: "tests passed", "tests failed",
"breaks the tests". With `auto_test` an accept runs the tests at once, confined; what is accepted
meanwhile is tested next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from codexspark_tui.actions.auto_test import Planned
from codexspark_tui.actions.checking import (
    HOW_TO_SET,
    NO_COMMAND,
    Checked,
    Guilty,
    bisect,
    written_in,
)
from codexspark_tui.actions.confined_check import checker, needs_asking
from codexspark_tui.counts import count
from codexspark_tui.errors import SparkError
from codexspark_tui.events.facts import ChangeDecided, ChangeUndone, Event
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.files import Files
    from codexspark_tui.tui.review_pane import ReviewPane
    from codexspark_tui.tui.review_view import Handlers


T = TypeVar("T")
TESTING = "testing"


class CheckActions:
    """Runs the command of `files` for a pane; one run at a time."""

    def __init__(self, pane: ReviewPane, files: Files) -> None:
        self._pane = pane
        self._files = files
        self._allowed = False
        self._running = ""
        self._stop = threading.Event()
        self._untested: dict[str, str] = {}

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
        self._untested = {}
        return bool(self._running)

    def _asked(self, what: str, act: Callable[[], None]) -> str:
        """Do it; where it is not confined, after the person has allowed it in this session."""
        if self._files.workspace is None or not self._files.test_command:
            return f"{NO_COMMAND}. {HOW_TO_SET}"
        if self._running:
            return f"{self._running}; esc ends it"
        if not self._written():
            return "nothing of this turn is accepted yet"
        if self._allowed or not needs_asking():
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

    def _begin(self, said: str, work: Callable[[], T], then: Callable[[T], str]) -> None:
        """Do the work in a thread of its own; `then` makes of what came of it what is said."""
        self._running = said
        self._stop.clear()
        self._pane.say(said)
        self._pane.run_worker(
            lambda: self._in_thread(work, then), thread=True, group="check", exit_on_error=False
        )

    def _test(self) -> None:
        items = self._written()
        said = "the tests are running"
        self._begin(said, self._run, lambda done: self._tested(items, done))

    def _bisect(self) -> None:
        said = "looking for the change that breaks the tests"
        self._begin(said, self._found, self._named)

    def _in_thread(self, work: Callable[[], T], then: Callable[[T], str]) -> None:
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
        left = [i for i in self._pane.board.items.values() if i.tested == TESTING]
        self._mark(left, "")
        self._pane.do(lambda: said)
        self._test_late()

    # -- by itself, after an accept

    def note(self, events: Sequence[Event]) -> None:
        """What was accepted is tested at once, if the settings want that."""
        if self._files.auto_test.mode == "off" or not self._files.test_command:
            return
        for event in events:
            match event:
                case ChangeDecided(state="written", entry=entry) if entry:
                    self._untested[event.change] = entry
                case ChangeUndone():
                    self._undone(event)
                case _:
                    pass
        self._test_late()

    def _undone(self, event: ChangeUndone) -> None:
        """What is taken back is not tested any more; what is put back is tested again."""
        for item in self._pane.board.items.values():
            if item.entry == event.entry:
                self._mark([item], "")
                self._untested.pop(item.id, None)
                if event.state == "written":
                    self._untested[item.id] = event.entry

    def _test_late(self) -> None:
        """Test what waits for it, unless something runs."""
        workspace, auto = self._files.workspace, self._files.auto_test
        if not self._untested or self._running or workspace is None:
            return
        waiting, self._untested = self._untested, {}
        items = [i for id, i in self._pane.board.items.items() if id in waiting]

        def work() -> tuple[Planned, Checked | None]:
            planned = auto.planned(workspace, self._files.test_command, list(waiting.values()))
            if not planned.command:
                return planned, None
            return planned, auto.run(workspace, planned.command, self._stop.is_set)

        self._mark(items, TESTING)
        self._begin("testing what was accepted", work, lambda done: self._ended(items, *done))

    def _ended(self, items: list[Item], planned: Planned, done: Checked | None) -> str:
        if done is None:
            return "no test speaks of this change"
        which = f" in {count(len(planned.tests), 'file')}" if planned.tests else ""
        return self._tested(items, done, which)

    def _mark(self, items: list[Item], said: str) -> None:
        for item in items:
            item.tested = said
            self._pane.board.mark(item)

    # -- what came of it

    def _run(self, without: Sequence[str] = ()) -> Checked:
        """The test command on what is accepted so far, without some of it."""
        assert self._files.workspace is not None
        command, network = self._files.test_command, self._files.auto_test.network
        run = checker(self._files.workspace, command, network=network, stopped=self._stop.is_set)
        return run(without)

    def _tested(self, items: list[Item], done: Checked, which: str = "") -> str:
        if self._stop.is_set() and not done.passed:
            return "the tests were stopped"
        self._mark(items, "tests passed" if done.passed else "tests failed")
        if done.passed:
            many = count(len(items), "change")
            return f"tests passed{which} with {many}, in {done.seconds:.1f} s"
        self._pane.tell(f"The tests failed{which}:\n{done.said}")
        return "tests failed; b finds the change that breaks them"

    def _found(self) -> Guilty:
        assert self._files.workspace is not None
        turns = {item.entry.partition(".")[0] for item in self._written()}
        changes = [c for turn in sorted(turns) for c in written_in(self._files.workspace, turn)]
        return bisect(changes, self._run, stopped=self._stop.is_set)

    def _named(self, done: Guilty) -> str:
        if self._stop.is_set():
            return "the search was stopped; nothing was found"
        if done.change is None:
            return "the tests fail without these changes, too" if done.before else "the tests pass"
        guilty = next((i for i in self._written() if i.entry == done.change.selector), None)
        self._mark(self._written(), "")
        self._pane.tell(f"{done.change.selector} breaks the tests:\n{done.said}")
        if guilty is not None:
            guilty.tested = "breaks the tests"
            self._pane.control.go_to(guilty)
        return f"{done.change.selector} breaks the tests; u takes it back ({done.runs} runs)"
