"""The table of `spark doctor --bench`, kept as JSON and drawn.

    spark doctor --bench --json | python bench/budgets.py [MACHINE]

Reads the lines of JSON, writes `bench/budgets.json` (the table, with the day and what MACHINE says
of the machine) and `bench/budgets.svg`: each measurement as a bar against its budget, which is the
line at the right place of each; p95 and p99 are ticks. `python bench/budgets.py --draw` draws what
is kept again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KEPT, DRAWN = FOLDER / "budgets.json", FOLDER / "budgets.svg"
ROW, NAMES, BARS, VALUES = 22, 400, 360, 240
AT_BUDGET = 0.6  # of the width of a bar
GOOD, BAD, INK, QUIET = "#2f7d4f", "#b3372f", "#20262e", "#8a94a3"


def measured(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The measurements among lines of JSON."""
    records = (json.loads(line) for line in lines if line.strip())
    return [
        {name: value for name, value in record.items() if name != "type"}
        for record in records
        if record.get("type") == "measured"
    ]


def drawn(table: Sequence[dict[str, Any]], title: str) -> str:
    """The table as SVG."""
    width, height = NAMES + BARS + VALUES, ROW * (len(table) + 2) + 8
    rows = "\n".join(_row(one, ROW * (n + 2)) for n, one in enumerate(table))
    at = NAMES + BARS * AT_BUDGET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="monospace" font-size="12" fill="{INK}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f'<text x="8" y="16" font-weight="bold">{escape(title)}</text>\n'
        f'<text x="{at:.0f}" y="{ROW + 14}" text-anchor="middle" fill="{QUIET}">budget</text>\n'
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{ROW + 18}" y2="{height}" stroke="{QUIET}" '
        f'stroke-dasharray="3 3"/>\n{rows}\n</svg>\n'
    )


def _row(one: dict[str, Any], y: int) -> str:
    colour = GOOD if one["within"] else BAD
    scale = BARS * AT_BUDGET / one["budget_ms"]
    ticks = "".join(_tick(one[name] * scale, y) for name in ("p95", "p99"))
    said = f"{_short(one['judged'])} of {_short(one['budget_ms'])} {one['unit']}"
    return (
        f'<text x="{NAMES - 8}" y="{y + 15}" text-anchor="end">{escape(one["name"])}</text>'
        f'<rect x="{NAMES}" y="{y + 5}" width="{_inside(one["judged"] * scale):.1f}" '
        f'height="{ROW - 10}" fill="{colour}"/>{ticks}'
        f'<text x="{NAMES + BARS + 8}" y="{y + 15}">{escape(said)}</text>'
    )


def _tick(x: float, y: int) -> str:
    at = NAMES + _inside(x)
    return f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y + 3}" y2="{y + ROW - 3}" stroke="{INK}"/>'


def _inside(x: float) -> float:
    """What is far over its budget ends at the edge."""
    return min(max(1.0, x), float(BARS))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main(said: Sequence[str]) -> None:
    if list(said) != ["--draw"]:
        made = {"day": time.strftime("%Y-%m-%d"), "machine": " ".join(said)}
        KEPT.write_text(json.dumps(made | {"measured": measured(sys.stdin)}, indent=1) + "\n")
    kept = json.loads(KEPT.read_text())
    title = " · ".join(filter(None, ("spark doctor --bench", kept["day"], kept["machine"])))
    DRAWN.write_text(drawn(kept["measured"], title))


if __name__ == "__main__":
    main(sys.argv[1:])
