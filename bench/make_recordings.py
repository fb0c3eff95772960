"""Make the recordings that are shipped: `python -m bench.make_recordings [FOLDER]`.

No model was asked. The answers are those of bench/recordings/*.md, written by hand for the
repository of the demonstration; this script cuts them into pieces of about a token and puts them
into time: a first piece after 120 ms, then 1,000 pieces a second with the unevenness of a network.
The same input gives the same bytes, which a test checks.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from codexspark_tui.actions.recordings import FOLDER, SHIPPED, Shipped
from codexspark_tui.providers.model import (
    Capabilities,
    Counted,
    Ended,
    ModelEvent,
    Opened,
    ReasoningDelta,
    TextDelta,
)
from codexspark_tui.providers.recording import Line, event_line, header, written

TEXTS = Path(__file__).parent / "recordings"
TOKENS_A_SECOND = 1000
FIRST_TOKEN_S = 0.120
LONGEST_GAP_S = 0.012
MODEL = "scripted answer"
NOTE = (
    "Made by a script (bench/make_recordings.py) from an answer that people wrote. It is no "
    "capture of a real model; its pace is 1,000 pieces a second by construction."
)
PIECES = re.compile(r" ?[A-Za-z]{1,6}|\d{1,3}| {1,8}|\n+|.", re.DOTALL)


def lines_of(shipped: Shipped) -> Iterator[Line]:
    """The recording of one answer; its thoughts come before the first line of dashes."""
    text = (TEXTS / f"{shipped.name}.md").read_text("utf-8")
    thought, _, said = text.partition("\n---\n")
    yield header("replay", Capabilities(), NOTE)
    yield {"n": 1, "at": 0.0, "request": {"prompt": shipped.prompt, "answers": []}}
    yield event_line(1, 0.040, Opened("script", MODEL))
    thoughts, pieces = PIECES.findall(thought), PIECES.findall(said)
    made: list[ModelEvent] = [ReasoningDelta(piece) for piece in thoughts]
    made += [TextDelta(piece) for piece in pieces]
    at = FIRST_TOKEN_S
    for at, event in zip(_times(shipped.name, len(made)), made, strict=True):
        yield event_line(1, at, event)
    counted = Counted(None, len(made), None, len(thoughts))
    yield event_line(1, at + 0.001, counted)
    yield event_line(1, at + 0.001, Ended("stop"))


def _times(seed: str, count: int) -> Iterator[float]:
    """Uneven gaps that keep the rate: a late piece is followed by a burst."""
    chance = random.Random(seed)
    late = 0.0
    for number in range(count):
        due = FIRST_TOKEN_S + number / TOKENS_A_SECOND
        late = max(late - 1 / TOKENS_A_SECOND, 0.0)
        if chance.random() < 0.03:
            late = max(late, chance.random() * LONGEST_GAP_S)
        yield due + late


def text_of(shipped: Shipped) -> str:
    return "".join(written(line) for line in lines_of(shipped))


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    for shipped in SHIPPED:
        (folder / f"{shipped.name}.jsonl").write_text(text_of(shipped), "ascii")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
