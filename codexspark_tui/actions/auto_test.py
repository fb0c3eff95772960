"""What is tested by itself after an accept: the tests that speak of the change, or all of them.

`AutoTest.planned` says which command, `AutoTest.run` runs it confined in a fork. Nothing is asked,
so nothing is run where a command cannot be confined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from codexspark_tui.actions.checking import Checked
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.workspace import ChangeEntry, Workspace

if TYPE_CHECKING:
    from codexspark_tui.index.index import Index
    from codexspark_tui.index.keeper import Keeper

AutoMode: TypeAlias = Literal["off", "affected", "all"]


@dataclass(frozen=True, slots=True)
class Planned:
    """`command`: "" where there is nothing to run; `tests`: the files that it is narrowed to."""

    command: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AutoTest:
    """`keeper`: of the index, if there is one; `network`: tests may use it."""

    mode: AutoMode = "off"
    keeper: Keeper | None = None
    network: bool = False

    def planned(self, workspace: Workspace, command: str, entries: Sequence[str]) -> Planned:
        """What to run for these written changes (selectors of the ledger, as "7.2")."""
        from codexspark_tui.actions.affected import affected, narrowed, whole

        if self.mode == "all":
            return Planned(whole(command))
        changed: dict[str, set[int]] = {}
        for entry in entries:
            for change in workspace.show(entry):
                changed.setdefault(change.path, set()).update(_lines(workspace, change))
        tests = affected(workspace, changed, self._index(list(changed)))
        if not tests:
            return Planned("")

        def there(word: str) -> bool:
            return not word.startswith("-") and (workspace.root / word.partition("::")[0]).exists()

        narrow = narrowed(command, tests, there)
        return Planned(narrow, tests) if narrow else Planned(whole(command))

    def run(
        self, workspace: Workspace, command: str, stopped: Callable[[], bool] = lambda: False
    ) -> Checked:
        """Raises `UsageError` where nothing can be confined, `WriteFailed` without a place."""
        from codexspark_tui.actions.confined_check import check_confined

        return check_confined(workspace, command, network=self.network, stopped=stopped)

    def _index(self, paths: list[str]) -> Index | None:
        """The index with these files as they are now; None where it is not ready."""
        if self.keeper is None:
            return None
        index = self.keeper.index()
        if not index.is_ready:
            return None
        late = index.note([path for path in paths if path in set(index.paths)])
        index.read_now([*late.added, *late.changed])
        return index


NO_AUTO_TEST = AutoTest()


def _lines(workspace: Workspace, change: ChangeEntry) -> set[int]:
    """The lines that a change has made, as the file is now; of one that only removed lines, the
    lines around where they were."""
    if not (workspace.root / change.path).is_file():
        return set()
    blamed = workspace.blame(change.path)
    made = {line.number for line in blamed if line.selector == change.selector}
    if made or not isinstance(change.resolved, ResolvedHunk):
        return made or {line.number for line in blamed}
    lead = 0
    for line in change.resolved.lines:
        if line.sign != " ":
            break
        lead += 1
    at = change.resolved.old_start + lead
    return {max(1, at - 1), max(1, min(at, len(blamed)))}
