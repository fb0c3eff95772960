"""How lines become rows: beside each other, without changes of space, with more of the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codexspark_tui.events.facts import ShownLine
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.layout import Around, View, around, pairs_of, partners
from codexspark_tui.tui.model.word_diff import changed_words
from codexspark_tui.tui.review_view import moved_texts
from tests.tui.made import Desk, decided, whole

BODY = (" a", "-b  = 1", "+b = 1", " c", "-old", "+new", "+more")


def item_of(*texts: str, start: int = 10) -> Item:
    desk = Desk(*whole("c1", "a.py", start, *texts))
    return desk.board.items["c1"]


def said(item: Item, view: View, extra: Around | None = None) -> list[str]:
    rows = pairs_of(item, view, extra or Around())
    cells = [[(c and f"{c.old}/{c.new}{c.sign}{c.text}") or "" for c in pair] for pair in rows]
    return [" | ".join(pair) if view.side_by_side else pair[0] for pair in cells]


def test_old_is_on_the_left_and_new_on_the_right() -> None:
    assert said(item_of(*BODY), View(side_by_side=True)) == [
        "10/10 a | 10/10 a",
        "11/0-b  = 1 | 0/11+b = 1",
        "12/12 c | 12/12 c",
        "13/0-old | 0/13+new",
        " | 0/14+more",
    ]


def test_changes_of_white_space_can_be_hidden_and_others_never() -> None:
    assert said(item_of(*BODY), View(hide_spaces=True)) == [
        "10/10 a", "11/11 b = 1", "12/12 c", "13/0-old", "0/13+new", "0/14+more",
    ]  # fmt: skip


def test_the_lines_around_a_change_have_their_numbers() -> None:
    item = item_of("-old", "+new", start=3)
    shown = said(item, View(), Around(("x", "y"), ("z",)))
    assert shown == ["1/1 x", "2/2 y", "3/0-old", "0/3+new", "4/4 z"]


def test_a_change_is_found_in_a_file_that_has_moved_and_after_it_was_written() -> None:
    item = item_of(" a", "-old", "+new", " b", start=2)
    item.grown = 1
    before = ["0", "0", "0", "a", "old", "b", "end"]
    assert around(before, item, 1) == Around(("0",), ("end",))
    desk = Desk(*whole("c1", "a.py", 2, " a", "-old", "+new", " b"), decided("c1", "written"))
    written = desk.board.items["c1"]
    written.grown = 9
    after = ["a", "new", "b", "end"]
    assert around(after, written, 1) == Around((), ("end",))
    assert around(["something", "else"], item, 1) is None


lines = st.lists(
    st.tuples(st.sampled_from(" +-"), st.sampled_from(["a", "a ", " b", "c"])), max_size=12
)


@given(lines, st.booleans(), st.booleans())
def test_every_line_is_shown_exactly_once_in_every_layout(
    body: list[tuple[str, str]], side_by_side: bool, hide_spaces: bool
) -> None:
    item = item_of(*(sign + text for sign, text in body)) if body else item_of(" a")
    cells = [
        {cell for cell in pair if cell is not None}
        for pair in pairs_of(item, View(side_by_side, hide_spaces), Around())
    ]
    every = [cell.at for pair in cells for cell in pair]
    assert len(every) == len(set(every))
    if not hide_spaces:
        assert sorted(every) == list(range(len(item.lines)))
    new = [line.text for line in item.lines if line.sign != "-"]
    shown = [cell.text for pair in cells for cell in sorted(pair) if cell.sign != "-"]
    assert shown == new


@given(st.text(alphabet="ab c.", max_size=30), st.text(alphabet="ab c.", max_size=30))
def test_what_differs_is_marked_and_the_rest_is_the_same(old: str, new: str) -> None:
    gone, come = changed_words(old, new)
    if not gone and not come:
        return

    def rest(text: str, spans: tuple[tuple[int, int], ...]) -> str:
        return "".join(c for n, c in enumerate(text) if not any(a <= n < b for a, b in spans))

    assert rest(old, gone) == rest(new, come)


def test_lines_are_compared_with_their_partner_only_where_there_are_as_many() -> None:
    made = [ShownLine(t[0], t[1:]) for t in ("-a", "-b", "+c", "+d", " e", "-f", "+g", "+h")]
    assert partners(made) == {0: 2, 2: 0, 1: 3, 3: 1}


def test_a_line_that_goes_here_and_comes_there_is_moved() -> None:
    desk = Desk(
        *whole("c1", "a.py", 1, "-    return total_of(prices)", "-}"),
        *whole("c2", "b.py", 1, "+return total_of(prices)", "+}"),
    )
    assert moved_texts(list(desk.board.items.values())) == {"return total_of(prices)"}


def test_folded_files_keep_their_order_and_their_cursor() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), *whole("c3", "c.py"))
    group = desk.rows.group_with("c2")
    assert group is not None
    desk.rows.fold(group, True)
    assert [i.id for i in desk.rows.order()] == ["c1", "c2", "c3"]
    assert "c2 placed" not in desk.shown()
    top = desk.rows.top_of("c2")
    assert top is not None
    assert desk.shown()[top] == "file b.py"
    desk.note(*whole("c4", "b.py", 90))
    assert "c4 placed" not in desk.shown()
    desk.rows.fold(group, False)
    assert [line for line in desk.shown() if line.startswith("c")] == [
        "c1 placed", "c2 placed", "c4 placed", "c3 placed",
    ]  # fmt: skip
