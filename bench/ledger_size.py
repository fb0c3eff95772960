"""What history costs: decisions one by one, and one decision of 3,000 hunks over 300 files.

    python bench/ledger_size.py [DECISIONS] [FILES]

Makes a repository of FILES files (50,000 unless said) in a temporary folder, accepts DECISIONS
(10,000 unless said) one by one, each a hunk of typical size in another file, and writes one line of
JSON: bytes and milliseconds a decision, and seconds for the large decision and its undo.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from codexspark_tui.patch import diff
from codexspark_tui.workspace import Accepted, Receipt, TurnInfo, Workspace

TEXT = "".join(
    f"def function_{n}(argument, other=None):\n    value = argument + {n}\n    return value\n\n\n"
    for n in range(60)
)


def main(decisions: int, files: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names = [f"package_{n % 100}/module_{n}.py" for n in range(files)]
        make(root, names)
        space = Workspace.open(root)
        times = sorted(one_by_one(space, names, decisions))
        ledger = sum(p.stat().st_size for p in (root / ".git/spark").iterdir())
        whole = large(space, names[-300:])
        space.close()
        on_disk = sum(p.stat().st_size for p in (root / ".git/spark").iterdir())
    report = {
        "files": files,
        "decisions": decisions,
        "bytes_a_decision": round(ledger / decisions),
        "ledger_mb": round(ledger / 1e6, 2),
        "ledger_closed_with_large_mb": round(on_disk / 1e6, 2),
        "accept_ms_p50": round(statistics.median(times) * 1000, 2),
        "accept_ms_p99": round(times[int(len(times) * 0.99)] * 1000, 2),
        "accept_ms_max": round(times[-1] * 1000, 2),
        **whole,
    }
    sys.stdout.write(json.dumps(report) + "\n")


def make(root: Path, names: list[str]) -> None:
    for folder in {name.partition("/")[0] for name in names}:
        (root / folder).mkdir()
    for name in names:
        (root / name).write_text(TEXT)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=root, check=True)


def one_by_one(space: Workspace, names: list[str], decisions: int) -> Iterator[float]:
    for number in range(decisions):
        path = names[number % len(names)]
        state = space.read(path)
        text = state.data.decode()
        at = number % 60
        after = text.replace(
            f"    value = argument + {at}\n",
            f"    check(argument, {number})\n    value = argument * {at} + {number}\n",
        )
        (hunk,) = diff(path, text, after)
        turn = TurnInfo(f"bench:{number // 20}", "make it check its argument", "script", "none")
        began = time.perf_counter()
        answer = space.commit(turn, [Accepted(f"c{number}", hunk, state.digest)])
        yield time.perf_counter() - began
        assert isinstance(answer, Receipt), answer


def large(space: Workspace, names: list[str]) -> dict[str, float]:
    accepted: list[Accepted] = []
    for path in names:
        state = space.read(path)
        text = state.data.decode()
        after = text
        for at in range(3, 60, 6):
            after = after.replace(f"value = argument + {at}\n", f"value = argument - {at}\n")
        accepted += [
            Accepted(f"{path}:{number}", hunk, state.digest)
            for number, hunk in enumerate(diff(path, text, after))
        ]
    began = time.perf_counter()
    answer = space.commit(TurnInfo("bench:large", "subtract", "script", "none"), accepted)
    written = time.perf_counter()
    assert isinstance(answer, Receipt), answer
    report = space.undo()
    undone = time.perf_counter()
    assert len(report.undone) == len(accepted)
    return {
        "large_hunks": len(accepted),
        "large_accept_s": round(written - began, 2),
        "large_undo_s": round(undone - written, 2),
    }


if __name__ == "__main__":
    main(*[int(a) for a in sys.argv[1:]] or [10_000, 50_000])
