"""The budgets can be measured; how fast they are here is not judged."""

from __future__ import annotations

import pytest

from codexspark_tui.actions.bench_fix import ROUNDS, fix_round
from codexspark_tui.actions.bench_guards import RUNS, guarded, sandbox_started


@pytest.mark.full
def test_budgets_of_sandbox_and_guards_are_measured() -> None:
    assert len(list(guarded())) == 20
    assert len(list(sandbox_started())) == RUNS
    assert len(list(fix_round())) == ROUNDS
