"""Disks to which names that differ in case only are one name.

Where the tests run on such a disk, or FOLDING_FOLDER names a folder on one, it is really
tried; how paths are found there is tested on any disk.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codexspark_tui.patch.model import ResolvedRename
from codexspark_tui.workspace.folding import as_on_disk, folds_case
from codexspark_tui.workspace.plan import Plan, plan
from codexspark_tui.workspace.tree import SIZE_LIMIT, Tree
from codexspark_tui.workspace.values import Accepted
from tests.support.repo import Repo, Untouched
from tests.workspace.helpers import NUMBERS, Desk, create, delete

FILES = {"Dir/File.txt": NUMBERS, "other.txt": "1\n"}


@pytest.fixture
def folding(tmp_path: Path) -> Iterator[Repo]:
    given = os.environ.get("FOLDING_FOLDER")
    with tempfile.TemporaryDirectory(dir=given or tmp_path) as folder:
        repo = Repo.make(Path(folder) / "repo", dict(FILES))
        if not folds_case(repo.root):
            pytest.skip("this disk tells names apart by their case")
        yield repo


def test_a_path_is_taken_as_its_folders_name_it(repo: Repo) -> None:
    repo.write({"Dir/File.txt": "", "Dir/Stra\u00dfe": "", "cafe\u0301.txt": ""})
    asked = ["dir/FILE.TXT", "DIR/new/name", "DIR/STRASSE", "CAF\u00c9.txt", "new"]
    found = [as_on_disk(repo.root, path) for path in asked]
    assert found == ["Dir/File.txt", "Dir/new/name", "Dir/Stra\u00dfe", "cafe\u0301.txt", "new"]
    assert as_on_disk(repo.root, "Dir/File.txt/below") == "Dir/File.txt/below"


def test_two_spellings_are_one_file_and_a_new_one_is_no_new_file(repo: Repo) -> None:
    repo.write({**FILES})
    tree = Tree(repo.root, (repo.root / ".git",), SIZE_LIMIT, folds=True)
    state = tree.read("dir/file.TXT")
    assert (state.kind, state.real) == ("file", "Dir/File.txt")
    for resolved, why in (
        (create("dir/FILE.txt", "new\n"), "there is already a file of that name"),
        (ResolvedRename("Dir/File.txt", "Dir/file.txt"), "only the case of its name would change"),
    ):
        base = "" if resolved.kind == "create" else state.digest
        made = plan(tree, [Accepted("c1", resolved, base)])
        assert not isinstance(made, Plan)
        assert why in made[0].why


def test_a_disk_that_tells_names_apart_is_not_taken_for_one_that_does_not(repo: Repo) -> None:
    repo.write({"A.txt": "1\n", "a.txt": "2\n"})
    if len(list(repo.root.glob("[aA].txt"))) == 2:
        assert not folds_case(repo.root)
        assert Desk(repo.root).space.read("a.txt").data == b"2\n"


def test_a_file_named_in_another_case_comes_back_under_its_own_name(folding: Repo) -> None:
    before = Untouched.of(folding.root)
    desk = Desk(folding.root)
    changed = desk.change("dir/file.txt", 3, 1, "three")
    desk.accept(changed, desk.change("DIR/File.TXT", 9, 1, "nine"))
    assert "three\n" in folding.text("Dir/File.txt")
    assert "nine\n" in folding.text("Dir/File.txt")
    assert desk.space.undo().conflicts == ()
    gone = desk.on(desk.space.read("dir/file.txt").digest, delete("dir/file.txt", NUMBERS))
    desk.accept(gone, desk.create("dir/New.txt", "new\n"), turn_name="t2")
    assert sorted(path.name for path in (folding.root / "Dir").iterdir()) == ["New.txt"]
    assert desk.space.undo().conflicts == ()
    assert sorted(path.name for path in (folding.root / "Dir").iterdir()) == ["File.txt"]
    before.check(touched={"Dir/File.txt", "Dir/New.txt"})
    desk.space.close()
