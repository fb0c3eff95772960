"""What can be completed, above the prompt: one row each, the chosen one marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from codexspark_tui.tui.model.cells import clean, ended, shortened_path, width_of
from codexspark_tui.tui.model.completion import Offer


class Completions(Widget):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--on", "rows--about"}
    DEFAULT_CSS = """
    Completions {
        height: auto; max-height: 8; display: none;
        background: $spark-panel; color: $spark-text;
        .rows--on { background: $spark-selection; color: $spark-text; text-style: bold; }
        .rows--about { color: $spark-muted; }
    }
    """

    class Picked(Message):
        """An offer was clicked."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self) -> None:
        super().__init__()
        self.offers: Sequence[Offer] = ()
        self.at = 0

    def show(self, offers: Sequence[Offer]) -> None:
        """These, the first one chosen; none hides the list."""
        if offers == self.offers:
            return
        self.offers, self.at = offers, 0
        self.display = bool(offers)
        self.styles.height = max(1, len(offers))
        self.refresh()

    def move(self, step: int) -> None:
        self.at = (self.at + step) % max(1, len(self.offers))
        self.refresh()

    @property
    def chosen(self) -> Offer | None:
        return self.offers[self.at] if self.offers else None

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        if y >= len(self.offers):
            return Strip.blank(width, base)
        offer = self.offers[y]
        style = base + self.get_component_rich_style("rows--on") if y == self.at else base
        about = style + self.get_component_rich_style("rows--about", partial=True)
        said = f" {shortened_path(clean(offer.text.strip()), max(8, width - 4))} "
        rest = max(0, width - width_of(said))
        note = ended(f" {clean(offer.about)}", rest)
        return Strip([Segment(said, style), Segment(note, about)]).crop_extend(0, width, style)

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.offers):
            self.post_message(self.Picked(event.y))
