"""What render prints is what git does, for every kind of change, and what we read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.patch import (
    apply_resolved,
    diff,
    drop_lines,
    invert,
    keep_lines,
    render,
    render_change,
    split,
)
from codexspark_tui.patch.model import (
    Create,
    Delete,
    Hunk,
    Line,
    ModeChange,
    Rename,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.patch.whole import Applied, apply_patch
from tests.patch.examples import changes, read
from tests.support.repo import Repo

TEXT = "".join(f"line {number}\n" for number in range(1, 31))


def edit(path: str, *numbers: int) -> tuple[ResolvedHunk, ...]:
    after = TEXT
    for number in numbers:
        after = after.replace(f"line {number}\n", f"LINE {number}\n")
    return diff(path, TEXT, after)


def everything() -> list[Resolved]:
    return [
        *edit("plain.py", 3, 20),
        ResolvedCreate("new dir/ü.py", (Line("+", "a"), Line("+", "b", ""))),
        ResolvedCreate("empty", (), "100755"),
        ResolvedDelete("gone.py", tuple(Line("-", f"line {n}") for n in range(1, 31))),
        ResolvedRename("old name.py", "new name.py"),
        *edit("new name.py", 5),
        ResolvedMode("run", "100755", "100644"),
        *edit("run", 7),
        *edit('we"ird.py', 1, 30),
    ]


NAMES = ("plain.py", "gone.py", "old name.py", "run", 'we"ird.py')
FILES: dict[str, str | bytes] = dict.fromkeys(NAMES, TEXT)


def test_git_applies_every_kind_of_change(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", FILES)
    repo.git("apply", "--check", "-", stdin=render(everything()).encode())
    repo.git("apply", "-", stdin=render(everything()).encode())
    assert repo.text("new dir/ü.py") == "a\nb"
    assert repo.text("new name.py") == TEXT.replace("line 5\n", "LINE 5\n")
    assert repo.text('we"ird.py').startswith("LINE 1\n")
    assert (repo.root / "run").stat().st_mode & 0o111
    assert (repo.root / "empty").stat().st_mode & 0o111
    assert not (repo.root / "gone.py").exists()
    assert not (repo.root / "old name.py").exists()


def test_we_do_with_it_what_git_does(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", FILES)
    files = {name: str(text) for name, text in FILES.items()}
    outcome = apply_patch(render(everything()), files, {})
    assert isinstance(outcome, Applied), outcome
    repo.git("apply", "-", stdin=render(everything()).encode())
    there = {str(p.relative_to(repo.root)): p for p in repo.root.rglob("*") if p.is_file()}
    found = {name: path.read_text() for name, path in there.items() if ".git/" not in name}
    assert dict(outcome.files) == found
    assert outcome.modes["run"] == outcome.modes["empty"] == "100755"


def test_every_change_is_read_back_as_it_was() -> None:
    kinds = [type(change) for change in changes(read(render(everything())))]
    assert kinds == [Hunk, Hunk, Create, Create, Delete, Rename, Hunk, ModeChange, Hunk, Hunk, Hunk]


def test_git_takes_back_what_inverted_changes_say(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", FILES)
    repo.git("apply", "-", stdin=render(everything()).encode())
    one_hunk_each = [change for change in everything() if change.path != "plain.py"]
    undone = [invert(change) for change in reversed(one_hunk_each) if change.path != "new name.py"]
    undone = [change for change in undone if change.path != 'we"ird.py']
    repo.git("apply", "--check", "-", stdin=render(undone).encode())


def test_hunks_whose_context_overlaps_come_out_as_one() -> None:
    first, second = split(edit("f", 5, 8)[0])
    patch = render([second, first])
    assert patch.count("@@ -") == 1
    assert patch == render(edit("f", 5, 8))


def test_a_hunk_kept_in_part_does_only_that_part() -> None:
    (hunk,) = edit("f", 5, 6)
    removed = [i for i, line in enumerate(hunk.lines) if line.sign == "-"]
    added = [i for i, line in enumerate(hunk.lines) if line.sign == "+"]
    kept = keep_lines(hunk, {removed[0], added[0]})
    dropped = drop_lines(hunk, {removed[1], added[1]})
    assert kept == dropped
    assert apply_resolved(TEXT, [kept]) == TEXT.replace("line 5\n", "LINE 5\n")


def test_lines_of_two_hunks_that_clash_are_a_mismatch() -> None:
    (one,) = edit("f", 5)
    clash = ResolvedHunk("f", 5, (Line("-", "line 5"), Line("+", "other")))
    assert not isinstance(apply_resolved(TEXT, [one, clash]), str)


def test_a_carriage_return_survives() -> None:
    text = TEXT.replace("\n", "\r\n")
    hunks = diff("f", text, text.replace("line 9\r\n", "x\r\n"))
    assert "-line 9\r\n+x\r\n" in render(hunks)


def test_nothing_to_do_prints_nothing() -> None:
    assert render([]) == ""
    assert render([ResolvedHunk("f", 1, (Line(" ", "a"),))]) == ""


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (ResolvedRename("a", "b"), ["rename a to b"]),
        (ResolvedMode("a", "100755", "100644"), ["mode of a: 100644 becomes 100755"]),
        (ResolvedCreate("a", (Line("+", "x"),)), ["new file a (a file)", "+x"]),
        (ResolvedHunk("a", 3, (Line("-", "x"),)), ["@@ -3 +2,0 @@", "-x"]),
    ],
)
def test_one_change_is_shown_as_lines(change: Resolved, lines: list[str]) -> None:
    assert render_change(change) == lines
