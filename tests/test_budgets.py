"""`spark doctor --bench`: one line of the table, as JSON, kept and drawn."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run as run_process
from xml.etree import ElementTree

import pytest

from bench import budgets
from tests.support.spark import ROOT, environment, run


def test_one_budget_is_measured_kept_and_drawn(tmp_path: Path) -> None:
    ran = run("doctor", "--bench", "--json", "--measure", "HUNK CLOSED", cwd=tmp_path)
    (measured,) = [line for line in ran.lines if line["type"] == "measured"]
    assert (ran.code, measured["budget_ms"], measured["unit"]) == (0, 2.0, "ms")
    for name in ("budgets.py", "__init__.py"):
        (tmp_path / name).write_bytes((ROOT / "bench" / name).read_bytes())
    run_process(
        [sys.executable, str(tmp_path / "budgets.py"), "a machine"],
        input=ran.out,
        env=environment(),
        check=True,
    )
    kept = json.loads((tmp_path / "budgets.json").read_text())
    assert (kept["machine"], kept["measured"][0]["name"]) == ("a machine", measured["name"])
    assert measured["name"] in (tmp_path / "budgets.svg").read_text()


def test_what_nobody_measures_is_said_with_what_can_be(tmp_path: Path) -> None:
    ran = run("doctor", "--bench", "--measure", "taste", cwd=tmp_path)
    assert ran.code == 2
    assert "nothing that is measured has taste in its name" in ran.err
    assert "key to paint" in ran.err


def test_a_drawing_is_valid_and_shows_what_is_over_its_budget() -> None:
    values = {"median": 1.0, "p95": 40.0, "p99": 4000.0, "budget_ms": 10.0, "unit": "ms"}
    table = [
        {**values, "name": "a < b & c", "judged": 5.0, "within": True},
        {**values, "name": "slow", "judged": 40.0, "within": False},
    ]
    svg = ElementTree.fromstring(budgets.drawn(table, 'a "title" <&>'))
    texts = [node.text for node in svg.iter() if node.tag.endswith("text")]
    assert texts == ['a "title" <&>', "budget", "a < b & c", "5 of 10 ms", "slow", "40 of 10 ms"]
    bars = [node.attrib for node in svg.iter() if node.attrib.get("fill") in ("#2f7d4f", "#b3372f")]
    assert [(bar["fill"], float(bar["width"])) for bar in bars] == [
        (budgets.GOOD, budgets.BARS * budgets.AT_BUDGET / 2),
        (budgets.BAD, budgets.BARS),
    ]


@pytest.mark.full
def test_longest_stall_is_measured(tmp_path: Path) -> None:
    ran = run("doctor", "--bench", "--json", "--measure", "without a key", cwd=tmp_path)
    (measured,) = [line for line in ran.lines if line["type"] == "measured"]
    assert measured["median"] > 0
    assert (measured["budget_ms"], measured["runs"]) == (50.0, 5)
