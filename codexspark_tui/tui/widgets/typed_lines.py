"""Where text is typed: what was pasted into it, or is edited there, is shown without its controls.

The text itself stays exact. A paste is taken once, by the widget that has the focus.
"""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import Input, TextArea

from codexspark_tui.events.visible import in_place


class Lines(TextArea):
    """Several lines."""

    def get_line(self, line_index: int) -> Text:
        return Text(in_place(self.document.get_line(line_index)), end="", no_wrap=True)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        await super()._on_paste(event)


class Line(Input):
    """One line: of a paste the first one, without its controls."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        first = next((line for line in event.text.splitlines() if line), "")
        super()._on_paste(events.Paste("".join(c for c in first if c == in_place(c))))
