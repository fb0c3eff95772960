"""Random files, random hunks, random decisions, against a plain model."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codexspark_tui.events import commands, facts
from codexspark_tui.providers.scripted import Scripted
from tests.support import clock
from tests.support.repo import Repo
from tests.support.session import Hand, accept, hand, reject

ROWS = 40
QUIET = 30
"""No hunk comes near this row: others may always insert lines there."""


@dataclass(frozen=True)
class Core:
    """Rows [start, start + old) become `new` lines of the hunk's own."""

    start: int
    old: int
    new: int


@st.composite
def cores(draw: st.DrawFn) -> list[Core]:
    """Hunks whose changed lines are apart by one line at least, so that contexts overlap."""
    found: list[Core] = []
    row = draw(st.integers(0, 3))
    while row < ROWS - 3 and len(found) < 6:
        old = draw(st.integers(0, 2))
        new = draw(st.integers(0 if old else 1, 3))
        if not (row - 4 <= QUIET <= row + old + 4):
            found.append(Core(row, old, new))
        row += old + draw(st.integers(1, 8))
    return draw(st.permutations(found)) if draw(st.booleans()) else found


@dataclass
class Model:
    """The file as rows with what was put before each; `written` are the hunks that are in it."""

    cores: list[Core]
    end: str
    written: set[int] = field(default_factory=set)
    outside: dict[int, list[str]] = field(default_factory=dict)

    def is_quiet(self, row: int) -> bool:
        return not any(core.start - 4 <= row <= core.start + core.old + 4 for core in self.cores)

    def text(self) -> str:
        gone = {
            row
            for index in self.written
            for row in range(
                self.cores[index].start, self.cores[index].start + self.cores[index].old
            )
        }
        out: list[str] = []
        for row in range(ROWS + 1):
            out += self.outside.get(row, [])
            for index, core in enumerate(self.cores):
                if core.start == row and index in self.written:
                    out += [f"hunk {index} line {n}" for n in range(core.new)]
            if row < ROWS and row not in gone:
                out.append(f"row {row}")
        return self.end.join([*out, ""])


def _patch(name: str, made: list[Core]) -> str:
    hunks = [f"--- a/{name}\n+++ b/{name}\n"]
    for index, core in enumerate(made):
        after = core.start + core.old
        lines = [f" row {row}" for row in range(max(0, core.start - 3), core.start)]
        lines += [f"-row {row}" for row in range(core.start, after)]
        lines += [f"+hunk {index} line {n}" for n in range(core.new)]
        lines += [f" row {row}" for row in range(after, min(ROWS, after + 3))]
        old = sum(line[0] != "+" for line in lines)
        new = sum(line[0] != "-" for line in lines)
        start = max(0, core.start - 3) + 1
        hunks.append(f"@@ -{start},{old} +{start},{new} @@\n" + "\n".join(lines) + "\n")
    return "".join(hunks)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo.make(tmp_path_factory.mktemp("property") / "repo")


_names = itertools.count()
_verbs = st.sampled_from(["accept", "accept", "reject", "reopen", "undo", "redo", "outside"])
_steps = st.lists(st.tuples(_verbs, st.integers(0, 5)), min_size=4, max_size=16)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(cores(), _steps, st.sampled_from(["\n", "\r\n"]))
def test_any_order_of_decisions_gives_what_a_plain_model_says(
    repo: Repo, made: list[Core], steps: list[tuple[str, int]], end: str
) -> None:
    if made:
        clock.run(_live(repo.root, made, steps, end))


async def _live(root: Path, made: list[Core], steps: list[tuple[str, int]], end: str) -> None:
    name = f"f{next(_names)}.txt"
    file = root / name
    model = Model(made, end)
    file.write_bytes(model.text().encode())
    at = hand(Repo(root), Scripted(_patch(name, made)))
    await at.until(facts.StreamFinished)
    assert list(at.log.states().values()) == ["placed"] * len(made)
    for verb, number in steps:
        await _step(at, model, file, verb, number % len(made))
        assert file.read_bytes().decode() == model.text(), (verb, number)
        told = {id for id, state in at.log.states().items() if state == "written"}
        undone = {e.change for e in at.log.of(facts.ChangeUndone) if e.state == "undone"}
        assert {f"c{n + 1}" for n in model.written} <= told | undone
    await at.close()


async def _step(at: Hand, model: Model, file: Path, verb: str, index: int) -> None:
    id = f"c{index + 1}"
    seen = at.log.change(id)
    written = index in model.written
    match verb:
        case "accept" if seen.state == "placed":
            told = await at.do(accept(seen.choice))
            if any(isinstance(event, facts.DecisionRefused) for event in told):
                assert at.log.states()[id] == "placed"
                await at.do(accept(at.log.change(id).choice))
            assert at.log.states()[id] == "written"
            model.written.add(index)
        case "reject" if seen.state == "placed":
            await at.do(reject(seen.choice))
            assert at.log.states()[id] == "rejected"
        case "reopen" if seen.state == "rejected":
            await at.do(commands.Reopen(id))
            assert at.log.states()[id] == "placed"
        case "undo" if written:
            await at.do(commands.Undo(seen.entry))
            assert not at.log.of(facts.UndoConflict)
            model.written.discard(index)
        case "redo" if seen.entry and not written:
            await at.do(commands.Redo(seen.entry))
            assert not at.log.of(facts.UndoConflict)
            model.written.add(index)
        case "outside":
            rows = [row for row in (0, QUIET, ROWS) if model.is_quiet(row)]
            row = rows[index % len(rows)]
            model.outside.setdefault(row, []).append(f"outside {len(model.outside)}.{row}")
            file.write_bytes(model.text().encode())
        case _:
            file.write_bytes(file.read_bytes())
