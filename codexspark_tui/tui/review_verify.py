"""/verify: checks and a review by the heavy model, in a copy of the tree, while the app goes on.

The checks run confined; where nothing confines a command, each run asks first. Findings are told
beside the conversation; what the model would change joins the turn, undecided.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from codexspark_tui.actions.confined_check import needs_asking
from codexspark_tui.counts import count
from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands
from codexspark_tui.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from codexspark_tui.actions.verify import Verified
    from codexspark_tui.actions.verify_request import Verifier
    from codexspark_tui.tui.files import Files
    from codexspark_tui.tui.review_pane import ReviewPane
    from codexspark_tui.tui.review_view import Handlers

MOST_TOLD = 12
HOW_TO_SET = "nothing to verify with: set commands under [verify], or heavy under [loop]"


class VerifyActions:
    """Runs the verifier of `files` for a pane; one run at a time."""

    def __init__(self, pane: ReviewPane, files: Files) -> None:
        self._pane = pane
        self._files = files
        self._made: Verifier | None = None
        self._running = False
        self._stop = threading.Event()

    def handlers(self) -> Handlers:
        return {"verify": self._asked}

    @property
    def running(self) -> str:
        """What is running now, for the status line."""
        return "a turn is being verified" if self._running else ""

    @property
    def _verifier(self) -> Verifier | None:
        workspace, config = self._files.workspace, self._files.config
        if self._made is None and workspace is not None and config is not None:
            from codexspark_tui.actions.verify_request import Verifier

            self._made = Verifier(workspace, config)
        return self._made

    def stop(self) -> bool:
        """End what runs; whether anything did."""
        self._stop.set()
        return self._running

    def _asked(self, turn: str) -> str:
        """Begin; where the commands are not confined, after the person has allowed them."""
        verifier = self._verifier
        if verifier is None or not verifier.can:
            return HOW_TO_SET
        if self._running:
            return "a turn is being verified; esc ends it"
        if not verifier.commands or not needs_asking():
            return self._begin(turn)
        title = f"Run {'; '.join(verifier.commands)} in a copy of the tree?"
        said = "It runs as you, and nothing keeps it from the network or from other files."
        self._pane.app.push_screen(ConfirmScreen(title, said, "run"), lambda y: self._go(y, turn))
        return ""

    def _go(self, yes: bool | None, turn: str) -> None:
        if yes:
            self._pane.say(self._begin(turn))

    def _begin(self, turn: str) -> str:
        verifier = self._verifier
        assert verifier is not None
        self._running = True
        self._stop.clear()
        self._pane.run_worker(
            lambda: self._in_thread(verifier, turn),
            thread=True,
            group="verify",
            exit_on_error=False,
        )
        return "verifying; what comes of it is told here"

    def _in_thread(self, verifier: Verifier, turn: str) -> None:
        try:
            made = verifier.run(turn, self._stop)
        except SparkError as error:
            said = ". ".join(part for part in (error.title, error.next_step) if part)
            self._pane.app.call_later(self._over, None, said)
            return
        self._pane.app.call_later(self._over, made, "stopped; nothing came of it")

    def _over(self, made: Verified | None, otherwise: str) -> None:
        self._running = False
        if made is None:
            self._pane.tell(otherwise)
            return
        self._pane.tell(told(made))
        if made.patch:
            self._pane.control.send(commands.Propose(made.patch, made.author))


def told(made: Verified) -> str:
    """What came of it, for a person who looks at something else."""
    from codexspark_tui.actions.verify_findings import line_of

    failed = [check for check in made.checks if not check.passed]
    lines = [f"{made.subject.title}: {'clean' if made.exit_code == 0 else 'not clean'}"]
    if made.checks:
        passed = len(made.checks) - len(failed)
        lines[0] += f", {passed} of {count(len(made.checks), 'check')} passed"
    if made.author:
        lines[0] += f", reviewed by {made.author}" if made.reviewed else ", without a verdict"
    if failed and made.held:
        lines.append(made.held)
    if made.error is not None:
        lines.append(made.error.title)
    lines += [line_of(found) for found in made.findings[:MOST_TOLD]]
    if len(made.findings) > MOST_TOLD:
        lines.append(f"and {len(made.findings) - MOST_TOLD} more (spark verify shows all)")
    return "\n".join(lines)
