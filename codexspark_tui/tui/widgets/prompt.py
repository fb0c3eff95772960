"""The prompt: several lines, history, a draft that is never lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.tui.bindings import bindings_of
from codexspark_tui.tui.keymap import BUILT_IN, Keymap
from codexspark_tui.tui.model.completion import offers
from codexspark_tui.tui.model.pasted import Entry, Pasted, is_large
from codexspark_tui.tui.notes import EMPTY, History
from codexspark_tui.tui.own_runs import LEAVES
from codexspark_tui.tui.registry import BY_COMMAND, actions_of
from codexspark_tui.tui.widgets.completions import Completions
from codexspark_tui.tui.widgets.typed_lines import Lines


class Prompt(Lines):
    """Enter sends; the history's place is kept while the person goes through it.

    `presses`: keys and pastes so far; `presses_sent`: those up to the last prompt that was sent.
    `ends_run` ends a command of the person's; whether one ran.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(b for b in bindings_of("prompt") if getattr(b, "id", "") not in ("older", "newer"))
    ]
    DEFAULT_CSS = """
    Prompt {
        height: auto;
        min-height: 1;
        max-height: 10;
        border: none;
        padding: 0 1;
        background: $spark-surface;
        color: $spark-text;
        scrollbar-size-vertical: 1;
        & .text-area--cursor-line { background: transparent; }
    }
    Prompt:focus { border: none; }
    """

    class Sent(Message):
        """`text`: what is sent; `entry`: what was typed and pasted, for the history."""

        def __init__(self, text: str, entry: Entry) -> None:
            super().__init__()
            self.text = text
            self.entry = entry

    class Left(Message):
        """Ctrl+D in an empty prompt."""

    def __init__(
        self,
        history: History,
        entry: Entry = EMPTY,
        *,
        keymap: Keymap = BUILT_IN,
        id: str | None = None,
    ) -> None:
        entry = entry.short()
        self.pasted = Pasted(dict(entry.pasted))
        super().__init__(
            entry.text,
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            placeholder="What should change? Enter sends, / for commands",
            highlight_cursor_line=False,
        )
        self.cursor_blink = False
        self.presses = self.presses_sent = 0
        self.completions = Completions()
        self.files = PathFinder([])
        self.own: Mapping[str, str] = {}
        self._history = history
        self.ends_run: Callable[[], bool] = lambda: False
        self._own_keys = {
            key: action.name
            for action in actions_of("prompt")
            for key in keymap.keys[action.name]
            if key not in ("up", "down")
        }
        self._at = 0
        self._typed = EMPTY

    def action_act(self, name: str) -> None:
        match name:
            case "send":
                self._send()
            case "newline":
                self.insert("\n")
            case "older":
                self._go(1)
            case "newer":
                self._go(-1)
            case "clear":
                self._clear()
            case _:
                raise ValueError(f"the prompt has no action {name}")

    async def _on_key(self, event: events.Key) -> None:
        """Keys are handled in the order of typing, so that enter sends all that was typed before.

        Textual lets a key that types nothing rise first, behind what was typed after it.
        """
        name = self._own_keys.get(event.key)
        self.presses += 1
        if self.completions.offers and self._completes(event.key, name):
            event.stop()
            event.prevent_default()
            return
        bound = self._bindings.key_to_bindings.get(event.key, [])
        if name is None and (event.is_printable or not bound):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if name is not None:
            self.action_act(name)
        else:
            await self.run_action(bound[0].action)

    def _completes(self, key: str, name: str | None) -> bool:
        """Whether this key was for the list of completions."""
        if key in ("up", "down"):
            self.completions.move(1 if key == "down" else -1)
        elif key == "tab" or (name == "send" and self.text.startswith("/")):
            whole = self.text in BY_COMMAND or self.text in self.own
            if name == "send" and whole:
                return False
            self.complete()
        elif key == "escape":
            self.completions.show(())
        else:
            return False
        return True

    def complete(self) -> None:
        """Take the chosen completion."""
        offer = self.completions.chosen
        if offer is None:
            return
        row, column = self.cursor_location
        self.replace(offer.text, (row, column - offer.replaces), (row, column))
        self.offer()

    def offer(self) -> None:
        """Show what the word at the cursor can become."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        at_start = row == 0 or not before.startswith("/")
        self.completions.show(offers(before, self.files, self.own) if at_start else ())

    async def _on_paste(self, event: events.Paste) -> None:
        """A large paste becomes a mark, so that what came is to be seen at a glance."""
        self.presses += 1
        if is_large(event.text):
            event.stop()
            event.prevent_default()
            self.insert(self.pasted.add(event.text))
        else:
            await super()._on_paste(event)

    @property
    def is_in_use(self) -> bool:
        """Whether there is something in it, or a key was pressed since the last prompt was sent."""
        return self.presses != self.presses_sent or bool(self.text.strip())

    def entry(self) -> Entry:
        """What is in it, with what was pasted."""
        return self.pasted.entry(self.text)

    def put(self, entry: Entry | str) -> None:
        """Replace what is there, the cursor at the end; marks in a text stand for what they did."""
        entry = Entry(entry, self.pasted.texts) if isinstance(entry, str) else entry
        entry = entry.short()
        self.pasted = Pasted(dict(entry.pasted))
        self.text = entry.text
        self.move_cursor(self.document.end)

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_location[0] == 0 and not select:
            self._go(1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_location[0] == self.document.line_count - 1 and not select:
            self._go(-1)
        else:
            super().action_cursor_down(select)

    def action_delete_right(self) -> None:
        """Ctrl+D deletes; with nothing to delete it leaves, as in a shell."""
        if self.text:
            super().action_delete_right()
        else:
            self.post_message(self.Left())

    def _send(self) -> None:
        text = self.text.strip()
        if text:
            entry = self.pasted.entry(text)
            self._at = 0
            self.put(EMPTY)
            self.presses_sent = self.presses
            self.post_message(self.Sent(text, entry))

    def _clear(self) -> None:
        if self.selected_text:
            self.action_copy()
        elif self.ends_run():
            return
        elif self.text.strip():
            self._history.add(self.entry())
            self._at = 0
            self.put(EMPTY)
            self.notify("It is in the history: ↑ brings it back.", title="Prompt cleared")
        else:
            self.notify(LEAVES)

    def _go(self, step: int) -> None:
        """Through the history; what was typed before stands at its newest end."""
        if self._at == 0:
            self._typed = self.entry()
        at = self._at + step
        if not 0 <= at <= len(self._history.entries):
            return
        self._at = at
        self.put(self._history.entries[-at] if at else self._typed)
