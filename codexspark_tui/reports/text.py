"""Output as lines: text without control sequences, each line of a bounded length."""

from __future__ import annotations

import re

LONGEST_LINE = 2_000
MOST_LINES = 200_000
DETAIL_LINES = 60
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def lines_of(output: bytes) -> list[str]:
    """The lines of an output; of one that is too long the beginning and the end."""
    text = _SEQUENCE.sub("", output.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = text.replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES:
        lines = lines[: MOST_LINES // 2] + lines[-MOST_LINES // 2 :]
    return [_CONTROL.sub("", line)[:LONGEST_LINE] for line in lines]


def cut(lines: list[str], most: int = DETAIL_LINES) -> str:
    """Lines as a text; of too many the first and the last ones."""
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    kept = kept[next((n for n, line in enumerate(kept) if line), 0) :]
    if len(kept) > most:
        left_out = len(kept) - most
        kept = [*kept[: most // 3], f"… {left_out} lines …", *kept[-(most - most // 3) :]]
    return "\n".join(kept)


def first_number(pattern: re.Pattern[str], lines: list[str]) -> int | None:
    """The number in the last line that matches; all its groups added up."""
    for line in reversed(lines):
        found = pattern.search(line)
        if found and any(found.groups()):
            return sum(int(group) for group in found.groups() if group)
    return None
