"""`spark doctor`: what works here, and how fast."""

from __future__ import annotations

from typing import Annotated

from codexspark_tui.actions.doctor import examine
from codexspark_tui.actions.edit import here
from codexspark_tui.cli.json_face import write_done, write_line
from codexspark_tui.cli.options import AsJson, option
from codexspark_tui.cli.output import print_product, say, styled, uses_color
from codexspark_tui.errors import UsageError
from codexspark_tui.events.records import BudgetMeasured, Checked


def doctor(
    bench: Annotated[
        bool, option("--bench", help="Measure the speed budgets on this machine.")
    ] = False,
    repair: Annotated[
        bool, option("--repair", help="Mend the ledger, and clear what crashed processes left.")
    ] = False,
    measure: Annotated[
        str, option("--measure", metavar="WORDS", help="With --bench: only what has these words.")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Say what works on this machine and what does not, with the next step (exit 1 on a problem).

    With --repair: what can be mended is mended first. Nothing of yours is touched: a ledger that is
    beyond repair is moved beside, and a lock of git's stays.

    With --bench: measure each speed budget and print it beside what was promised.
    """
    if bench:
        return _bench(as_json, measure)
    checks = examine(here(), repair=repair)
    color = uses_color(1)
    for check in checks:
        if as_json:
            write_line(Checked(check.name, check.state, check.says, check.next_step))
            continue
        sign = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}[check.state]
        shown = styled(sign, "error", color) if check.state == "problem" else sign
        print_product(f"{shown}  {check.name}: {check.says}\n")
        if check.next_step:
            print_product(f"         {check.next_step}\n")
    problem = any(check.state == "problem" for check in checks)
    if as_json:
        write_done(int(problem), "failed" if problem else "done")
    return int(problem)


def _bench(as_json: bool, only: str) -> int:
    from codexspark_tui.actions.bench import MEASUREMENTS, Measured
    from codexspark_tui.actions.bench_fix import MEASUREMENTS as OF_FIX
    from codexspark_tui.actions.bench_history import MEASUREMENTS as OF_HISTORY
    from codexspark_tui.actions.bench_index import MEASUREMENTS as OF_THE_INDEX
    from codexspark_tui.actions.bench_stall import MEASUREMENTS as OF_STALLS
    from codexspark_tui.actions.bench_wires import MEASUREMENTS as ON_THE_WIRE
    from codexspark_tui.gateway.bench import measurements as served
    from codexspark_tui.tui.bench import MEASUREMENTS as ON_SCREEN

    if not as_json:
        heads = "".join(f"{h:>11}" for h in ("budget", "median", "p95", "p99", "worst"))
        print_product(f"{'':48}{heads}  runs\n")
    engine = (*MEASUREMENTS, *OF_STALLS, *OF_FIX, *OF_HISTORY, *OF_THE_INDEX)
    every = (*engine, *ON_THE_WIRE, *served(), *ON_SCREEN)
    wanted = [one for one in every if only.casefold() in one.name.casefold()]
    if not wanted:
        names = ", ".join(one.name for one in every)
        raise UsageError(f"nothing that is measured has {only} in its name", next_step=names)
    for measure in wanted:
        if not as_json:
            say(f"spark: measuring: {measure.name}")
        found: Measured = measure.run()
        if as_json:
            write_line(BudgetMeasured(**found.as_dict()))
            continue
        values = (found.median, found.p95, found.p99, found.worst)
        times = "".join(f"{value:>8.1f} {found.unit:2}" for value in values)
        budget = f"{found.budget_ms:>8.0f} {found.unit:2}"
        over = "" if found.judged <= found.budget_ms else "  over the budget"
        print_product(f"{found.name:48}{budget}{times}  {found.runs:>4}{over}\n")
    if as_json:
        write_done()
    return 0


COMMANDS = {"doctor": doctor}
