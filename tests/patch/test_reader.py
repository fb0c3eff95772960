"""What the reader says of an answer, as it arrives."""

from __future__ import annotations

from typing import Literal

import pytest

from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.model import (
    ChangeEnded,
    ChangeStarted,
    Create,
    Delete,
    Fact,
    Hunk,
    HunkHint,
    Line,
    LineRead,
    ModeChange,
    Proposed,
    ProseLine,
    Rename,
    StreamEnded,
    Unsupported,
)
from tests.patch.examples import changes, read

HEAD = "--- a/x.py\n+++ b/x.py\n"
OLD, NEW = Line("-", "old"), Line("+", "new")


def ended(facts: list[Fact]) -> StreamEnded:
    last = facts[-1]
    assert isinstance(last, StreamEnded)
    return last


def test_a_hunk_comes_line_by_line_between_prose() -> None:
    facts = read(f"Sure:\n```diff\n{HEAD}@@ -1 +1 @@ def f\n-old\n+new\n```\nDone.\n")
    hint = HunkHint(1, 1, 1, 1, section="def f")
    assert facts == [
        ProseLine("Sure:"),
        ProseLine("```diff"),
        ChangeStarted(0, "hunk", "x.py", hint),
        LineRead(0, OLD),
        LineRead(0, NEW),
        ChangeEnded(0, Hunk("x.py", (OLD, NEW), hint)),
        ProseLine("```"),
        ProseLine("Done."),
        StreamEnded(),
    ]


def test_a_hunk_is_whole_when_the_next_one_opens() -> None:
    reader = PatchReader()
    assert changes(reader.feed(f"{HEAD}@@\n-old\n+new\n")) == []
    assert changes(reader.feed("@@\n")) == [Hunk("x.py", (OLD, NEW))]


def test_numbers_that_are_wrong_change_no_line() -> None:
    hunk = changes(read(f"{HEAD}@@ -7,99 +3,1 @@\n a\n-old\n+new\n b\n"))[0]
    assert isinstance(hunk, Hunk)
    assert hunk.lines == (Line(" ", "a"), OLD, NEW, Line(" ", "b"))


def test_blank_lines_between_hunks_are_not_content_when_the_counts_are_met() -> None:
    first, second = changes(read(f"{HEAD}@@ -1 +1 @@\n-old\n+new\n\n\n@@ -9 +9 @@\n-old\n+new\n"))
    assert (first.kind, second.kind) == ("hunk", "hunk")
    assert isinstance(first, Hunk)
    assert first.lines == (OLD, NEW)


def test_a_blank_context_line_that_lost_its_sign_is_content_when_the_counts_want_it() -> None:
    (hunk,) = changes(read(f"{HEAD}@@ -1,3 +1,3 @@\n a\n-old\n+new\n\n```\n"))
    assert isinstance(hunk, Hunk)
    assert hunk.lines[-1] == Line(" ", "")


def test_a_list_after_a_whole_hunk_is_prose() -> None:
    facts = read(f"{HEAD}@@ -1 +1 @@\n-old\n+new\n\n- one\n- two\n")
    assert changes(facts) == [Hunk("x.py", (OLD, NEW), HunkHint(1, 1, 1, 1))]
    assert ProseLine("- one") in facts


def test_signed_lines_outside_of_a_hunk_are_never_dropped_in_silence() -> None:
    reader = PatchReader(has_line=lambda path, text: False)
    facts = read(f"```diff\n{HEAD}@@\n a\n-old\nwhat is this\n+new\n```\n", reader)
    assert any(isinstance(fact, Unsupported) for fact in facts)


def test_a_line_without_its_sign_belongs_when_the_file_has_it() -> None:
    reader = PatchReader(has_line=lambda path, text: text == "return x")
    (hunk,) = changes(read(f"{HEAD}@@\n-old\n+new\nreturn x\nThat is all.\n", reader))
    assert isinstance(hunk, Hunk)
    assert hunk.lines == (OLD, NEW, Line(" ", "return x"))


def test_a_missing_final_newline_is_marked_on_its_line() -> None:
    text = f"{HEAD}@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n"
    (hunk,) = changes(read(text))
    assert isinstance(hunk, Hunk)
    assert hunk.lines == (Line("-", "old", ""), NEW)


def test_a_new_file_is_one_change_though_it_comes_in_two_hunks() -> None:
    text = "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+a\n@@ -0,0 +2 @@\n+b\n"
    assert changes(read(text)) == [Create("n.py", (Line("+", "a"), Line("+", "b")))]


def test_file_operations_need_no_hunks() -> None:
    text = (
        "diff --git a/e b/e\nnew file mode 100755\nindex 0000000..e69de29\n"
        "diff --git a/g b/g\ndeleted file mode 100644\nindex e69de29..0000000\n"
        "diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n"
        "diff --git a/c b/d\nsimilarity index 100%\ncopy from c\ncopy to d\n"
        "diff --git a/m b/m\nold mode 100644\nnew mode 100755\n"
    )
    assert changes(read(text)) == [
        Create("e", (), "100755"),
        Delete("g", (), "100644"),
        Rename("o", "n"),
        Rename("c", "d", copy=True),
        ModeChange("m", "100755", "100644"),
    ]


def test_a_hunk_in_a_renamed_file_needs_the_rename() -> None:
    text = (
        "diff --git a/o b/n\nrename from o\nrename to n\n--- a/o\n+++ b/n\n"
        "@@ -1 +1 @@\n-old\n+new\n"
    )
    started = [fact for fact in read(text) if isinstance(fact, ChangeStarted)]
    assert [(fact.path, fact.needs) for fact in started] == [("o", None), ("n", 0)]


def test_a_removed_comment_of_dashes_is_no_file_header() -> None:
    (hunk,) = changes(read(f"{HEAD}@@ -1,2 +1 @@\n a\n--- x\n"))
    assert isinstance(hunk, Hunk)
    assert hunk.lines[-1] == Line("-", "-- x")


@pytest.mark.parametrize(
    ("old", "new", "files", "path"),
    [
        ("a/src/x.py", "b/src/x.py", {"src/x.py"}, "src/x.py"),
        ("src/x.py", "src/x.py", {"src/x.py"}, "src/x.py"),
        ("./src/x.py", "./src/x.py", {"src/x.py"}, "src/x.py"),
        ("i/x.py", "w/x.py", {"x.py"}, "x.py"),
        ("1/x.py", "2/x.py", {"x.py"}, "x.py"),
        ("x.py", "b/x.py", {"x.py"}, "x.py"),
        ("a/x.py", "a/x.py", {"a/x.py", "x.py"}, "a/x.py"),
        ("/home/me/repo/src/x.py", "/home/me/repo/src/x.py", {"src/x.py"}, "src/x.py"),
        ("repo/src/x.py", "repo/src/x.py", {"src/x.py"}, "src/x.py"),
        ('"a/\\303\\266.py"', '"b/\\303\\266.py"', {"ö.py"}, "ö.py"),
        ("a/x y.py\t2026-01-01 00:00:00", "b/x y.py\t2026-01-01 00:00:00", {"x y.py"}, "x y.py"),
        ("x.py 2026-01-01 10:00:00.1 +0100", "x.py 2026-01-01 10:00", {"x.py"}, "x.py"),
        ("a/../x", "b/../x", {"x"}, "../x"),
    ],
)
def test_the_best_reading_of_a_path(old: str, new: str, files: set[str], path: str) -> None:
    reader = PatchReader(exists=files.__contains__)
    (hunk,) = changes(read(f"--- {old}\n+++ {new}\n@@\n-old\n+new\n", reader))
    assert hunk.path == path


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}@@ -17",
        f"{HEAD}@@ -1 +1 @@\n",
        HEAD,
        "diff --git a/x b/x\nindex 12",
        f"```diff\n{HEAD}@@ -1 +1 @@\n-old\n+new\n",
        f"{HEAD}@@ -1,9 +1,9 @@\n a\n-old\n+ne",
        f"{HEAD}@@\n a\n b\n",
        "*** Begin Patch\n*** Update File: x\n@@\n-old\n+new\n",
        "x.py\n<<<<<<< SEARCH\nold\n=======\nnew\n",
        f"{HEAD}@@ -1 +1 @@\n-old\n+new\ndiff --g",
    ],
)
def test_text_that_is_surely_cut_is_said_to_be(text: str) -> None:
    assert ended(read(text)).truncated


def test_a_whole_patch_is_cut_when_the_server_says_so() -> None:
    reader = PatchReader()
    reader.feed(f"{HEAD}@@ -1 +1 @@\n-old\n+new\n")
    last = ended(reader.close("length"))
    assert last.truncated
    assert "length" in last.why


def test_prose_can_be_shown_before_its_line_ends() -> None:
    reader = PatchReader()
    reader.feed("Here is wh")
    assert reader.tail == "Here is wh"
    reader.feed("at\n")
    assert reader.tail == ""
    for beginning in ("--", "dif", "@", "``", "> --- a", "*** Be", "<<<<"):
        other = PatchReader()
        other.feed(beginning)
        assert other.tail == "", beginning
    reader.feed(f"{HEAD}@@\n-ol")
    assert reader.tail == ""


def test_binary_and_submodules_are_named() -> None:
    facts = read(
        "diff --git a/p.png b/p.png\nBinary files a/p.png and b/p.png differ\n"
        "diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-S 1\n+S 2\n"
    )
    assert [fact.path for fact in facts if isinstance(fact, Unsupported)] == ["p.png", "sub"]
    assert changes(facts) == []


def test_an_envelope_gives_the_same_facts() -> None:
    text = (
        "*** Begin Patch\n*** Update File: x.py\n*** Move to: y.py\n@@ class A\n@@ def f\n"
        "-old\n+new\n*** End of File\n*** Add File: n\n+a\n*** Delete File: d\n*** End Patch\nok\n"
    )
    facts = read(text)
    assert changes(facts) == [
        Rename("x.py", "y.py"),
        Hunk("y.py", (OLD, NEW), HunkHint(anchors=("class A", "def f"), at_end=True)),
        Create("n", (Line("+", "a"),)),
        Delete("d"),
    ]
    assert facts[-2:] == [ProseLine("ok"), StreamEnded()]


def test_a_body_without_any_header_is_about_the_given_path() -> None:
    reader = PatchReader(path="x.py")
    (hunk,) = changes(read("@@ def f\n-old\n+new\n", reader))
    assert hunk == Hunk("x.py", (OLD, NEW), HunkHint(anchors=("def f",)))


def test_search_blocks_take_their_file_from_the_line_before_or_the_last_one() -> None:
    block = "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"
    found = changes(read(f"`src/x.py`\n```python\n{block}```\nand\n{block}"))
    assert found == [Hunk("src/x.py", (OLD, NEW))] * 2
    (unnamed, _) = read(block)
    assert isinstance(unnamed, Unsupported)


def test_a_search_block_without_lines_makes_a_new_file() -> None:
    text = "n.py\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n"
    assert changes(read(text)) == [Create("n.py", (NEW,))]


def test_a_quoted_or_indented_patch_is_read_without_its_margin() -> None:
    plain = f"{HEAD}@@ -1 +1 @@\n-old\n+new\n"
    for margin in ("    ", "> "):
        text = "".join(margin + line for line in plain.splitlines(keepends=True))
        assert changes(read(text)) == changes(read(plain))


def test_an_answer_sent_with_crlf_has_plain_lines() -> None:
    (hunk,) = changes(read(f"{HEAD}@@\n-old\n+new\n".replace("\n", "\r\n")))
    assert isinstance(hunk, Hunk)
    assert hunk.lines == (OLD, NEW)


def test_a_whole_file_in_a_fence_is_one_creation_when_asked_for() -> None:
    text = "src/n.py\n```python\na\n\nb\n```\n"
    made = Create("src/n.py", (Line("+", "a"), Line("+", ""), Line("+", "b")))
    assert changes(read(text)) == []
    assert changes(read(text, PatchReader(whole_files=lambda path: None))) == [made]


def test_a_whole_file_that_exists_comes_as_its_hunks() -> None:
    text = "**x.py**\n```\na\nNEW\nc\n```\n"
    (hunk,) = changes(read(text, PatchReader(whole_files=lambda path: "a\nb\nc\n")))
    assert isinstance(hunk, Hunk)
    assert [line.sign for line in hunk.lines] == [" ", "-", "+", " "]


@pytest.mark.parametrize("body", ["a\nNEW\n", "a\nNEW\n# ...\nd\ne\nf\n"])
def test_an_excerpt_of_a_file_is_not_taken_for_the_whole(body: str) -> None:
    reader = PatchReader(whole_files=lambda path: "a\nb\nc\nd\ne\nf\n")
    facts = read(f"x.py\n```\n{body}```\n", reader)
    assert changes(facts) == []
    assert any(isinstance(fact, Unsupported) for fact in facts)


@pytest.mark.parametrize(
    "body", ["a\n", "b\nc\n", "a\n# ...\ne\nf\n", "b \nc\n", "a\nb\nc\nd\ne\nf\n"]
)
def test_a_fence_that_only_shows_the_file_is_prose(body: str) -> None:
    text = f"x.py\n```python\n{body}```\nas it is now\n"
    reader = PatchReader(whole_files=lambda path: "a\nb\nc\nd\ne\nf\n")
    assert read(text, reader) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "Run it so:\n```bash\npython x.py\n```\n",
        "x.py\n```bash\npython x.py\n```\n",
        "x.py\n```console\n$ python x.py\n```\n",
        "It is in x.py now:\n```python\na\n```\n",
        "```python\nx.py\n```\n",
        "The result:\n\n```\nx.py\n```\n",
    ],
)
def test_a_fence_that_is_no_file_is_prose(text: str) -> None:
    reader = PatchReader(exists={"x.py"}.__contains__, whole_files=lambda path: None)
    assert read(text, reader) == read(text)


def test_a_fence_that_shows_what_a_patch_has_done_is_prose() -> None:
    reader = PatchReader(whole_files=lambda path: "old\n")
    text = f"{HEAD}@@ -1 +1 @@\n-old\n+new\n\nSo that\n\nx.py\n```\nnew\n```\nstands there.\n"
    assert changes(read(text, reader)) == [Hunk("x.py", (OLD, NEW), HunkHint(1, 1, 1, 1))]


@pytest.mark.parametrize(
    "opening",
    [
        "`n.py`\n```\n",
        "### n.py (new file)\n\n```python\n",
        "```n.py\n",
        "```python n.py\n",
        "```python:n.py\n",
        '```py title="n.py"\n',
        "**File: `n.py`**\n~~~~python\n",
    ],
)
def test_the_name_of_a_whole_file_stands_above_or_behind_the_fence(opening: str) -> None:
    text = f"{opening}a\n{'~~~~' if '~' in opening else '```'}\n"
    made = [Create("n.py", (Line("+", "a"),))]
    assert changes(read(text, PatchReader(whole_files=lambda path: None))) == made


def test_a_whole_file_of_markdown_may_hold_fences() -> None:
    body = "# n\n```bash\nrun\n```\nend\n"
    text = f"README.md\n```markdown\n{body}```\n"
    (made,) = changes(read(text, PatchReader(whole_files=lambda path: None)))
    assert isinstance(made, Create)
    assert [line.text for line in made.lines] == body.splitlines()


def test_a_whole_file_changes_only_what_is_new_in_a_file_with_other_line_ends() -> None:
    reader = PatchReader(whole_files=lambda path: "\ufeffa\r\nb\r\nc")
    (hunk,) = changes(read("x.py\n```\na\nNEW\nc\n```\n", reader))
    assert isinstance(hunk, Hunk)
    assert [line.sign for line in hunk.lines] == [" ", "-", "+", " "]


def test_a_whole_file_whose_fence_is_never_closed_is_shown_and_not_carried_out() -> None:
    facts = read("x.py\n```\na\nNEW\n", PatchReader(whole_files=lambda path: "a\nb\n"))
    assert changes(facts) == []
    assert [fact.text for fact in facts if isinstance(fact, ProseLine)] == [
        *("x.py", "```", "a", "NEW")
    ]
    assert isinstance(facts[-1], StreamEnded)
    assert facts[-1].truncated


def test_a_diff_in_a_fence_under_a_path_stays_a_diff() -> None:
    reader = PatchReader(whole_files=lambda path: "old\n")
    text = f"x.py\n```\n{HEAD}@@ -1 +1 @@\n-old\n+new\n```\n"
    assert changes(read(text, reader)) == [Hunk("x.py", (OLD, NEW), HunkHint(1, 1, 1, 1))]


def test_a_new_file_is_not_taken_for_one_whose_name_ends_alike() -> None:
    reader = PatchReader(exists={"x.py"}.__contains__)
    text = "--- a/new/x.py\n+++ b/new/x.py\n@@ -0,0 +1 @@\n+new\n"
    assert changes(read(text, reader)) == [Create("new/x.py", (NEW,))]


def body_of(text: str, verb: Literal["update", "add"]) -> list[Proposed]:
    """What a tool's body for the one file f.py says, fed in single characters."""
    reader = PatchReader(path="f.py", body=verb)
    facts = [fact for character in text for fact in reader.feed(character)]
    return changes([*facts, *reader.close()])


def test_body_for_one_file_needs_no_header_and_no_mark_before_its_first_hunk() -> None:
    assert body_of("-b\n+x\n c\n@@ def f():\n a\n+q\n*** End of File\n", "update") == [
        Hunk("f.py", (Line("-", "b"), Line("+", "x"), Line(" ", "c"))),
        Hunk(
            "f.py", (Line(" ", "a"), Line("+", "q")), HunkHint(anchors=("def f():",), at_end=True)
        ),
    ]


def test_body_for_a_new_file_is_its_lines() -> None:
    assert body_of("+a\n+b\n", "add") == [Create("f.py", (Line("+", "a"), Line("+", "b")))]
    assert body_of("", "add") == [Create("f.py")]
