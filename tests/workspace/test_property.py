"""Any order of accept, undo, redo and edits by others, against a plain model of the disk."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codexspark_tui.git import Repository
from codexspark_tui.patch import diff
from codexspark_tui.workspace import Accepted, Receipt, TurnInfo, Workspace
from tests.support.repo import Repo

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
"""Where each example has its copy: nothing of what is checked here needs a disk."""
FILES = ("a.py", "b.py")
ROWS = 8
START = {path: [f"{path} {n}" for n in range(ROWS)] for path in FILES}

Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["accept", "more", "undo", "undo", "redo", "redo", "turn", "file", "outside"]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    min_size=6,
    max_size=24,
)


@dataclass
class Made:
    """A change: the line that went and the line that came ("" for none)."""

    path: str
    old: str
    new: str
    applied: bool = True


@dataclass
class Model:
    """Each line of each file is unique, so what must be on disk is never in question."""

    files: dict[str, list[str]]
    made: dict[str, Made] = field(default_factory=dict)
    count: int = 0

    def fresh(self) -> str:
        self.count += 1
        return f"new {self.count}"


@cache
def empty_repository() -> Path:
    """Made once; each example works on a copy. Git has the texts that each example begins with."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    atexit.register(shutil.rmtree, folder)
    repo = Repo.make(folder / "repo", {path: text(lines) for path, lines in START.items()})
    for unneeded in ("hooks", "logs", "info", "description"):
        path = repo.root / ".git" / unneeded
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return repo.root


def opened(root: Path) -> Workspace:
    """As `Workspace.open`, without asking git where the repository is."""
    return Workspace(Repository(root, root / ".git", root / ".git"), root)


@contextmanager
def workspace() -> Iterator[tuple[Repo, Workspace]]:
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        repo = Repo(Path(shutil.copytree(empty_repository(), folder / "repo")))
        space = opened(repo.root)
        yield repo, space
        space.close()
    finally:
        shutil.rmtree(folder)


def text(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def edit_outside(model: Model, path: str, at: int, kind: int) -> None:
    """Somebody else replaces, inserts or deletes a line."""
    lines = model.files[path]
    if kind % 3 == 1 or not lines:
        lines.insert(at % (len(lines) + 1), model.fresh())
    elif kind % 3 == 2:
        lines.pop(at % len(lines))
    else:
        lines[at % len(lines)] = model.fresh()


def check_turned(
    model: Model, repo: Repo, selectors: list[str], *, applied: bool, exact: bool
) -> None:
    """What was turned round is on disk; nothing else has changed, nor its order."""
    for selector in selectors:
        one = model.made[selector]
        lines = model.files[one.path]
        gone, back = (one.new, one.old) if applied else (one.old, one.new)
        if gone and back:
            lines[lines.index(gone)] = back
        elif gone:
            lines.remove(gone)
        else:
            assert back not in lines
            lines.insert(0, back)
        one.applied = not applied
    for path, lines in model.files.items():
        found = repo.text(path).splitlines()
        assert sorted(found) == sorted(lines)
        if exact:
            assert found == lines
        inserted = {one.old for one in model.made.values()} | {
            one.new for one in model.made.values() if not one.old
        }
        kept = [line for line in found if line not in inserted]
        assert kept == [line for line in lines if line not in inserted]
        model.files[path] = found


def run(steps: list[Step], *, only_replace: bool, outside: bool) -> None:
    with workspace() as (repo, space):
        model = Model({path: list(lines) for path, lines in START.items()})
        turn = 0
        for number, step in enumerate(steps):
            kind, one, two, three = step
            if kind in ("accept", "more"):
                turn += kind == "accept" or not turn
                edits = [step, ("", two + 1, three, one), ("", three + 2, one, two)]
                accept_and_read(
                    model, repo, space, f"t{turn}", edits[: 1 + three % 3], only_replace
                )
            elif kind == "outside":
                if outside:
                    edit_outside(model, FILES[one % 2], two, three)
                    repo.write({path: text(lines) for path, lines in model.files.items()})
            elif model.made:
                turn_round(model, repo, space, kind, one, complete=only_replace and not outside)
            assert space.recover() == [], number
            if one % 4 == 3:  # as another process, another day, sees it
                space.close()
                space = opened(repo.root)
        space.close()


def accept_and_read(
    model: Model, repo: Repo, space: Workspace, turn: str, edits: list[Step], only: bool
) -> None:
    expected = {path: list(lines) for path, lines in model.files.items()}
    accept_only(model, space, turn, edits, only, expected)
    for path, lines in expected.items():
        assert repo.text(path) == text(lines)
        model.files[path] = lines


def accept_only(
    model: Model,
    space: Workspace,
    turn: str,
    edits: list[Step],
    only: bool,
    expected: dict[str, list[str]],
) -> None:
    """Changes that touch different lines of the same text, in one decision."""
    before = {path: list(lines) for path, lines in model.files.items()}
    places: set[tuple[str, int]] = set()
    accepted: list[Accepted] = []
    made: list[Made] = []
    plan: list[tuple[str, int, int, Made]] = []
    for number, (_, at, kind, which) in enumerate(edits):
        path = FILES[which % 2]
        lines = before[path]
        place = at % max(1, len(lines))
        kind = 0 if only and lines else kind % 3 if lines else 1
        if {(path, place), (path, place + 1), (path, place - 1)} & places and kind:
            continue
        if (path, place) in places:
            continue
        places.add((path, place))
        old = "" if kind == 1 else lines[place]
        one = Made(path, old, "" if kind == 2 else model.fresh())
        after = [*lines[:place], *([one.new] if one.new else []), *lines[place + bool(old) :]]
        (hunk,) = diff(path, text(lines), text(after))
        accepted.append(Accepted(f"{turn}-{number}", hunk, space.read(path).digest))
        made.append(one)
        plan.append((path, place, bool(old), one))
    answer = space.commit(TurnInfo(turn, "", "p", "m"), accepted)
    assert isinstance(answer, Receipt), answer
    for path, place, removed, one in sorted(plan, key=lambda item: -item[1]):
        expected[path][place : place + removed] = [one.new] if one.new else []
    for one, (_, selector) in zip(made, answer.changes, strict=True):
        model.made[selector] = one


def names(model: Model, selector: str, kind: str) -> list[str]:
    """The changes that are meant: one, those of its turn, or those of its turn in its file."""
    turn, path = selector.split(".")[0], model.made[selector].path
    of_turn = [s for s in model.made if s.split(".")[0] == turn]
    if kind == "file":
        return [s for s in of_turn if model.made[s].path == path]
    return of_turn if kind == "turn" else [selector]


def turn_round(
    model: Model, repo: Repo, space: Workspace, kind: str, pick: int, *, complete: bool
) -> None:
    applied = kind != "redo"
    candidates = [s for s, one in model.made.items() if one.applied == applied] or [*model.made]
    selector = candidates[pick % len(candidates)]
    named = names(model, selector, kind)
    if kind != "file":
        selector = selector.split(".")[0] if kind == "turn" else selector
    else:
        selector = f"{selector.split('.')[0]}:{model.made[selector].path}"
    wanted = [s for s in named if model.made[s].applied == applied]
    before = {path: repo.read(path) for path in FILES}
    report = space.undo(selector) if applied else space.redo(selector)
    assert report.nothing_to_do == (not wanted)
    if report.conflicts:
        assert {path: repo.read(path) for path in FILES} == before
        assert report.undone == ()
        if complete and len(wanted) == 1:
            one = model.made[wanted[0]]
            assert (one.new if applied else one.old) not in model.files[one.path]
        return
    turned = [c.selector for c in report.undone]
    assert sorted(turned) == sorted(wanted)
    ordered = sorted(wanted, key=lambda s: tuple(map(int, s.split("."))), reverse=applied)
    check_turned(model, repo, ordered, applied=applied, exact=complete)


FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
FULL = settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))


@FAST
@given(STEPS)
def test_any_sequence_of_replacements_is_undone_exactly(steps: list[Step]) -> None:
    run(steps, only_replace=True, outside=False)


@FAST
@given(STEPS)
def test_any_sequence_with_edits_by_others_loses_nothing(steps: list[Step]) -> None:
    run(steps, only_replace=False, outside=True)


@pytest.mark.full
@pytest.mark.timeout(1200)
@FULL
@given(STEPS)
def test_thousands_of_sequences_of_replacements(steps: list[Step]) -> None:
    run(steps, only_replace=True, outside=False)


@pytest.mark.full
@pytest.mark.timeout(1200)
@FULL
@given(STEPS)
def test_thousands_of_sequences_with_edits_by_others(steps: list[Step]) -> None:
    run(steps, only_replace=False, outside=True)
