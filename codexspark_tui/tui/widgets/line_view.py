"""The base of the panes: virtual rows, of which only those in view are ever painted.

True here: one repaint is pending at a time (Textual joins them); the scroll range grows at most
four times a second; a pinned view paints its tail without waiting
for that. Rows are made elsewhere and only styled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

GROW_S = 0.25
CACHED_ROWS = 2048


class RowStrip(Strip):
    """A row that never holds itself.

    Textual's remember what they were cut into, which may be themselves; such a circle would stay
    until all garbage is collected, and what was frozen before that, for ever.
    """

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        wanted = list(cuts)
        return [self] if wanted == [self.cell_length] else super().divide(wanted)


class LineView(ScrollView, can_focus=True):
    """Subclasses say how many rows there are and paint one of them as segments."""

    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $spark-background;
        scrollbar-color: $spark-border;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pinned = False
        self._cache: dict[tuple[object, ...], Strip] = {}
        self._styles_by_role: dict[str, Style] = {}
        self._growing: Timer | None = None
        self._grown_to = 0
        self._painted_top = 0
        self._lowest = 0
        self._fitted = (0, 0)

    # -- for subclasses

    def row_count(self) -> int:
        raise NotImplementedError

    def cache_key(self, y: int) -> tuple[object, ...] | None:
        """All that row `y` looks like depends on; None paints it anew each time."""
        raise NotImplementedError

    def paint_row(self, y: int, width: int) -> list[Segment]:
        """Row `y`; it is cut or filled to `width`."""
        raise NotImplementedError

    def fit(self, width: int) -> None:
        """The width of the rows has changed."""

    # -- for owners

    @property
    def top(self) -> int:
        """The first row in view."""
        if self.pinned:
            return max(0, self.row_count() - self.page)
        return self.scroll_offset.y

    @property
    def page(self) -> int:
        """Rows in view."""
        return max(1, self.scrollable_content_region.height)

    @property
    def row_width(self) -> int:
        return max(1, self.scrollable_content_region.width)

    def rows_changed(self, first: int = 0) -> None:
        """Rows from `first` on may look different, and there may be more or fewer of them."""
        if self.pinned and self.top != self._painted_top:
            self._painted_top = self.top
            self.repaint(0)
        elif first < self.top + self.page:  # what is below the last row is empty as before
            self.repaint(first, max(1, self._lowest - first, self.row_count() - first))
            self._lowest = self.row_count()
        if self.row_count() != self._grown_to and self._growing is None:

            def grown() -> None:
                self._growing = None
                if self.row_count() != self._grown_to:
                    self.rows_changed(self.row_count())

            self._grow()
            self._growing = self.set_timer(GROW_S, grown)

    def repaint(self, first: int, count: int | None = None) -> None:
        """Paint rows of the view again, as far as they are in it."""
        top, page = self.top, self.page
        start = max(0, first - top)
        end = page if count is None else min(page, first + count - top)
        if start < end:
            self.refresh(Region(0, start, self.size.width, end - start))

    def show_rows(self, first: int, count: int) -> None:
        """Scroll as little as needed to have these rows in view, the first one above all."""
        self.unpin()
        top, page = self.top, self.page
        if first < top:
            self.jump_to(first)
        elif first + count > top + page:
            self.jump_to(min(first, first + count - page))

    def jump_to(self, top: int) -> None:
        if top + self.page > self._grown_to:
            self._grow()
        self.scroll_to(y=max(0, top), animate=False)

    def pin(self) -> None:
        """Keep the last rows in view while more come."""
        self.pinned = True
        self._grow()
        self.refresh()

    def unpin(self) -> None:
        if self.pinned:
            top = self.top
            self.pinned = False
            self._grow()
            self.scroll_to(y=top, animate=False)

    def role(self, name: str) -> Style:
        """The style of a component, without its prefix."""
        style = self._styles_by_role.get(name)
        if style is None:
            style = self.get_component_rich_style(f"rows--{name}")
            self._styles_by_role[name] = style
        return style

    @property
    def base(self) -> Style:
        """The style of the widget itself."""
        style = self._styles_by_role.get("")
        if style is None:
            style = self._styles_by_role[""] = self.rich_style
        return style

    def over(self, base: Style, name: str) -> Style:
        """`base` with the letters of a component, on the background of `base`."""
        role = self.role(name)
        return base + Style(color=role.color, bold=role.bold, italic=role.italic)

    # -- for textual

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows go past the cache of styles, which makes each of them anew after every scroll."""
        gutter = self.styles.gutter
        if gutter.left or gutter.right or gutter.bottom:
            return super().render_lines(crop)
        title_end = min(max(gutter.top, crop.y), crop.bottom)
        strips: list[Strip] = []
        if crop.y < title_end:
            title = Region(crop.x, crop.y, crop.width, title_end - crop.y)
            strips += super().render_lines(title)
        filters = self.get_line_filters()
        background = self.background_colors[1]
        top, width, count = self.top - gutter.top, self.row_width, self.row_count()
        for y in range(title_end, crop.bottom):
            strip = self._row(y + top, width, count)
            for each in filters:
                strip = strip.apply_filter(each, background)
            whole = crop.x == 0 and crop.right >= strip.cell_length
            strips.append(strip if whole else strip.crop(crop.x, crop.right))
        return strips

    def render_line(self, y: int) -> Strip:
        return self._row(y + self.top, self.row_width, self.row_count())

    def _row(self, row: int, width: int, count: int) -> Strip:
        inside = row < count
        if inside and row >= self._lowest:
            self._lowest = row + 1
        key = self.cache_key(row) if inside else ()
        if key is None:
            return self._painted(row, width)
        full = (*key, width)
        strip = self._cache.get(full)
        if strip is None:
            if len(self._cache) > CACHED_ROWS:
                self._cache.clear()
            strip = (
                self._painted(row, width)
                if inside
                else RowStrip([Segment(" " * width, self.base)], width)
            )
            self._cache[full] = strip
        return strip

    def _painted(self, row: int, width: int) -> Strip:
        base = self.base
        painted = [s if s.style else Segment(s.text, base) for s in self.paint_row(row, width)]
        return RowStrip(Segment.adjust_line_length(painted, width, base), width)

    def _grow(self) -> None:
        """The new range of the scroll bar; the screen need not be laid out for it."""
        self._grown_to = self.row_count()
        size = Size(1, self._grown_to)
        self.set_reactive(Widget.virtual_size, size)
        self._scroll_update(size)
        if self.pinned:
            self.scroll_to(y=max(0, self._grown_to - self.page), animate=False)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._cache.clear()
        self._styles_by_role.clear()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Textual sends no `Resize` where something has asked for a place on the screen between a
        change of the styles and the layout that comes of it."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self.call_next(self._resized)
        return changed

    def _resized(self) -> None:
        now = (self.row_width, self.page)
        if now == self._fitted:
            return
        self._fitted = now
        self._cache.clear()
        self.fit(self.row_width)
        self._grow()
        self._painted_top = self.top
        self.refresh()
