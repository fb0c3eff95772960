"""What a person does to a change by hand: select lines, split, edit, copy, open in the editor.

`handlers` names each by its action in the registry. What was typed into an edit that was not taken
is there again when the same change is edited next.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.actions.editor import edit_text, open_at
from codexspark_tui.counts import count
from codexspark_tui.events import commands
from codexspark_tui.events.paths import real_path
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch import render
from codexspark_tui.patch.model import Resolved
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.control import Verdict
from codexspark_tui.tui.model.selection import Selection
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.edit import EditScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.files import Files
    from codexspark_tui.tui.review_pane import ReviewPane
    from codexspark_tui.tui.review_view import Handlers

EDIT_HELP = """\
# Edit the change. To leave out a "-" line, make it a " " line (context).
# To leave out a "+" line, delete it. Lines that start with # are removed.
"""
ONLY_OPEN = "only an open change can be edited"


class HandActions:
    """Acts on the current change of a pane."""

    def __init__(self, pane: ReviewPane, files: Files) -> None:
        self._pane = pane
        self._root = files.root
        self._has_heavy = files.config is None or bool(files.config.text("loop_heavy"))
        self._typed: dict[str, str] = {}
        self._sent: dict[str, tuple[str, str]] = {}  # by change: its digest then, and the text

    def handlers(self) -> Handlers:
        return {
            "select": lambda _: self._select(),
            "split": lambda _: self._pane.control.split(),
            "edit": lambda _: self._edit(),
            "edit_outside": lambda _: self._edit_outside(),
            "open_file": lambda _: self._open_file(),
            "goto": self._ask_goto,
            "reroll": self._reroll,
            "escalate": self._escalate,
            "variant_next": lambda _: self._version(1),
            "variant_previous": lambda _: self._version(-1),
            "copy": lambda _: self._copy(),
            "copy_patch": lambda _: self._copy_patch(),
        }

    # -- selected lines

    def _select(self) -> str:
        diff, item = self._pane.diff, self._pane.control.current
        if diff.selection is not None or item is None:
            self.end_selection()
            return ""
        begun = Selection.begin(item)
        if isinstance(begun, str):
            return begun
        diff.selection = begun
        diff.show_line(item, begun.head)
        return _selected(begun)

    def end_selection(self) -> None:
        diff = self._pane.diff
        if diff.selection is not None:
            diff.selection = None
            diff.refresh()

    def with_selection(self, name: str, reason: str = "") -> str | None:
        """Do an action on the selected lines; None where it is none for them, or there are none."""
        diff, item = self._pane.diff, self._pane.control.current
        if diff.selection is None:
            return None
        chosen = diff.selection.holds(item) if item is not None else None
        if item is None or chosen is None:
            self.end_selection()
            return None
        steps = {"line_down": 1, "next": 1, "line_up": -1, "previous": -1}
        if name in steps:
            diff.selection = diff.selection.moved(item, steps[name])
            diff.show_line(item, diff.selection.head)
            return _selected(diff.selection)
        verdicts: dict[str, Verdict] = {"accept": "accept", "reject": "reject"}
        if name in verdicts:
            self.end_selection()
            return self._pane.control.decide_lines(
                chosen.start, chosen.stop - 1, verdicts[name], reason
            )
        return None

    # -- editing

    def _editable(self) -> Item | None:
        item = self._pane.control.current
        is_hunk = item is not None and item.kind == "hunk" and item.view is not None
        return item if is_hunk and item is not None and item.is_open else None

    def _edit(self) -> str:
        item = self._editable()
        if item is None:
            return ONLY_OPEN
        choice, before = item.choice_as_shown, _text_of(item)

        def edited(done: tuple[str, bool] | None) -> None:
            text, taken = done or (before, False)
            self._typed.pop(item.id, None)
            if taken and text != before:
                self._sent[item.id] = choice.digest, text
                self._pane.control.send(commands.Edit(choice, text))
            elif text != before:
                self._typed[item.id] = text
                self._pane.say("not taken; what was typed is there when it is edited again")

        title = f"Edit {item.path}, line {item.start}"
        digest, sent = self._sent.pop(item.id, ("", ""))
        refused = {item.id: sent} if digest == choice.digest and sent.strip() else {}
        shown = (refused | self._typed).get(item.id, before)
        self._pane.app.push_screen(EditScreen(title, shown), edited)
        return ""

    def _edit_outside(self) -> str:
        item = self._editable()
        if item is None:
            return ONLY_OPEN
        self._pane.run_worker(self._in_editor(item), group="editor", exit_on_error=False)
        return ""

    async def _in_editor(self, item: Item) -> None:
        choice, before = item.choice_as_shown, EDIT_HELP + _text_of(item)
        with self._pane.lent() as lent:
            text = await edit_text(before, ".diff") if lent else None
        if text is None:
            self._pane.say("the editor did not end well; the change is as it was")
        elif text != before:
            self._pane.control.send(commands.Edit(choice, text))

    def _open_file(self) -> str:
        item = self._pane.control.current
        if item is None or self._root is None:
            return "there is no change yet"
        path = self._root / real_path(item.path)
        if not path.is_file():
            return "there is no such file yet"
        self._pane.run_worker(
            self._look_at(path, max(1, item.start)), group="editor", exit_on_error=False
        )
        return ""

    async def _look_at(self, path: Path, line: int) -> None:
        with self._pane.lent() as lent:
            ended = await open_at(path, line) if lent else False
        if not ended:
            self._pane.say("the editor did not end well")

    # -- versions

    def _reroll(self, wish: str) -> str:
        item = self._editable()
        if item is None or item.state != "placed":
            return "only an open change has other versions"
        self._pane.control.send(commands.Reroll(item.choice_as_shown, wish))
        return "asking for other versions; [ and ] go through them"

    def _escalate(self, reason: str) -> str:
        item = self._editable()
        if item is None or item.state != "placed":
            return "only an open change can be given to the heavy model"
        choice = item.choice_as_shown
        if reason or not self._has_heavy:  # the session says how one is chosen
            self._pane.control.send(commands.Escalate(choice, reason))
            return ""

        def answered(said: str | None) -> None:
            if said is not None:
                self._pane.control.send(commands.Escalate(choice, said.strip()))

        title = "What should the heavy model do better?"
        self._pane.app.push_screen(AskScreen(title, "the reason goes with the change"), answered)
        return ""

    def _version(self, step: int) -> str:
        item = self._editable()
        if item is None or not item.version_shown[1]:
            return "there are no other versions of this change; r asks for some"
        self._pane.control.send(commands.PickVersion(item.choice, step))
        return ""

    # -- copying and going

    def _copy(self) -> str:
        item = self._pane.control.current
        view = item.view_now if item is not None else None
        if view is None:
            return "only a change that is placed can be copied"
        return self._to_clipboard([to_resolved(view)])

    def _copy_patch(self) -> str:
        items = self._pane.board.of_turn(self._pane.board.turn)
        kept = [i for i in items if i.state not in ("rejected", "undone")]
        changes = [to_resolved(i.view) for i in kept if i.view is not None]
        return self._to_clipboard(changes) if changes else "there is no change to copy"

    def _to_clipboard(self, changes: list[Resolved]) -> str:
        self._pane.app.copy_to_clipboard(render(changes))
        return f"copied {count(len(changes), 'change')}, as a patch"

    def _ask_goto(self, said: str) -> str:
        control = self._pane.control
        if said:
            return control.go_to_named(said)

        def answered(text: str | None) -> None:
            if text:
                self._pane.do(lambda: control.go_to_named(text))

        ask = AskScreen("Go to which change?", "12, or prices.py:30")
        self._pane.app.push_screen(ask, answered)
        return ""


def _selected(selection: Selection) -> str:
    lines = count(selection.last - selection.first + 1, "line")
    return f"{lines} · ↓ ↑ more · y or n decides these · esc back"


def _text_of(item: Item) -> str:
    return "".join(f"{line.sign}{line.text}\n" for line in item.lines)
