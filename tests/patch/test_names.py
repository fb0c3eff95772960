"""Which files a patch means whose names have folders before them that are not the tree's."""

from __future__ import annotations

import pytest

from codexspark_tui.patch.whole import Applied, apply_patch

TREE = {"lib/a.c": "one\ntwo\n", "docs/a.md": "a\n"}


def after(patch: str, tree: dict[str, str]) -> list[str]:
    """The names of the files that there are afterwards."""
    outcome = apply_patch(patch, tree, dict.fromkeys(tree, "100644"))
    assert isinstance(outcome, Applied), outcome
    return sorted(outcome.files)


def edit(old: str, new: str, take: str = "two", give: str = "zwei") -> str:
    return f"--- {old}\n+++ {new}\n@@ -2 +2 @@\n-{take}\n+{give}\n"


def made(name: str, old: str = "/dev/null") -> str:
    return f"--- {old}\n+++ {name}\n@@ -0,0 +1 @@\n+new\n"


EPOCH = "1970-01-01 00:00:00.000000000 +0000"


@pytest.mark.parametrize(
    ("patch", "name"),
    [
        (edit("x.orig/lib/a.c", "x/lib/a.c") + made("x/lib/b.c"), "lib/b.c"),
        (edit("x.orig/lib/a.c", "x/lib/a.c") + made("x/new/b.c"), "new/b.c"),
        (edit("x-1.0/lib/a.c", "x-1.0/lib/a.c") + made("x-1.0/b.c"), "b.c"),
        (edit("/home/me/x/lib/a.c", "/home/me/x/lib/a.c") + made("/home/me/x/b.c"), "b.c"),
        (edit("mono/x/lib/a.c", "mono/x/lib/a.c") + made("mono/x/b.c", "mono/x/b.c"), "b.c"),
        (made("x/lib/b.c", f"x.orig/lib/b.c\t{EPOCH}"), "lib/b.c"),
        (made("lib/b.c", f"lib.orig/b.c\t{EPOCH}"), "b.c"),
        (
            "diff --git x.orig/lib/b.c x/lib/b.c\nnew file mode 100644\n" + made("x/lib/b.c"),
            "lib/b.c",
        ),
        (
            "*** Begin Patch\n*** Update File: x/lib/a.c\n@@\n-two\n+zwei\n"
            "*** Add File: x/lib/b.c\n+new\n*** End Patch\n",
            "lib/b.c",
        ),
        (
            "x/lib/a.c\n<<<<<<< SEARCH\ntwo\n=======\nzwei\n>>>>>>> REPLACE\n\n"
            "x/lib/b.c\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n",
            "lib/b.c",
        ),
    ],
)
def test_a_new_file_has_its_folder_where_the_other_names_of_the_patch_have_theirs(
    patch: str, name: str
) -> None:
    assert after(patch, TREE) == sorted([*TREE, name])


@pytest.mark.parametrize(
    ("patch", "name"),
    [
        (edit("a/lib/a.c", "b/lib/a.c") + made("b/x/b.c"), "x/b.c"),
        (edit("lib/a.c", "lib/a.c") + made("x/lib/b.c"), "x/lib/b.c"),
        (edit("x/lib/a.c", "x/lib/a.c") + made("y/b.c"), "y/b.c"),
        (made("x/lib/b.c"), "x/lib/b.c"),
        (
            edit("lib.orig/a.c", "lib/a.c") + made("lib/b.c", f"lib.orig/b.c\t{EPOCH}"),
            "lib/b.c",
        ),
        (made("lib/b.c", f"lib/b.c\t{EPOCH}"), "lib/b.c"),
    ],
)
def test_a_new_file_keeps_a_folder_that_nothing_says_is_not_the_trees(
    patch: str, name: str
) -> None:
    assert after(patch, TREE) == sorted([*TREE, name])


def test_a_folder_that_the_tree_has_too_is_never_cut_off() -> None:
    tree = {"x/a.c": "one\ntwo\n", "lib/a.c": "one\ntwo\n"}
    both = edit("x/a.c", "x/a.c") + edit("x/lib/a.c", "x/lib/a.c")
    assert after(both + made("x/b.c"), tree) == ["lib/a.c", "x/a.c", "x/b.c"]


@pytest.mark.parametrize(
    "patch",
    [
        "--- x.orig/lib/a.c\n+++ x/lib/b.c\n@@ -2 +2 @@\n-two\n+zwei\n",
        "--- a/x/lib/a.c\n+++ b/x/lib/b.c\n@@ -2 +2 @@\n-two\n+zwei\n",
        "--- /home/me/lib/a.c\n+++ /home/me/lib/b.c\n@@ -2 +2 @@\n-two\n+zwei\n",
        "*** Begin Patch\n*** Update File: x/lib/a.c\n*** Move to: x/lib/b.c\n"
        "@@\n-two\n+zwei\n*** End Patch\n",
    ],
)
def test_a_file_moves_within_the_tree_where_its_names_have_folders_before_them(patch: str) -> None:
    assert after(patch, TREE) == ["docs/a.md", "lib/b.c"]
