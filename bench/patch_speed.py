"""How fast patches are read, placed, compared: one line of JSON for each measurement.

    python bench/patch_speed.py [NAME ...]

Each is taken at two sizes, so that growth is seen: `growth` is the ratio of the times divided by
the ratio of the sizes (1 is linear). Times are the best of several, in milliseconds.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable

from codexspark_tui.patch import FilePlacer, PatchReader, apply_resolved, diff, render
from codexspark_tui.patch.model import Hunk, HunkHint, Line
from codexspark_tui.patch.whole import Applied, apply_patch

Prepared = Callable[[], object]


def source(lines: int, seed: int = 1) -> str:
    """Text that looks like code: indented, with many blank and equal lines."""
    words = random.Random(seed)
    made = []
    for number in range(lines):
        kind = words.random()
        if kind < 0.12:
            made.append("")
        elif kind < 0.25:
            made.append(
                " " * 4 * words.randrange(4) + words.choice(["}", "return", "else:", "pass"])
            )
        else:
            made.append(" " * 4 * words.randrange(4) + f"value_{number} = call({words.random()})")
    return "\n".join(made) + "\n"


def edited(text: str, changes: int) -> str:
    lines = text.split("\n")
    step = max(len(lines) // changes, 1)
    for number in range(step // 2, len(lines) - 1, step):
        lines[number] = f"    changed = {number}"
    return "\n".join(lines)


def place(lines: int) -> Prepared:
    """One hunk in the middle of a new file, exact."""
    text = source(lines)
    hunk = _hunk(text, lines // 2)
    return lambda: FilePlacer("f", text).place(hunk)


def place_loosely(lines: int) -> Prepared:
    """One hunk whose white space differs everywhere."""
    text = source(lines)
    hunk = _hunk(text, lines // 2)
    loose = tuple(Line(line.sign, " ".join(line.text.split())) for line in hunk.lines)
    return lambda: FilePlacer("f", text).place(Hunk("f", loose))


def place_loosely_beyond_ascii(lines: int) -> Prepared:
    """The same in a text with a letter beyond ASCII on every tenth line."""
    told = source(lines).split("\n")
    told[::10] = [line + "  # \u00e9t\u00e9" for line in told[::10]]
    text = "\n".join(told)
    hunk = _hunk(text, lines // 2)
    loose = tuple(Line(line.sign, " ".join(line.text.split())) for line in hunk.lines)
    return lambda: FilePlacer("f", text).place(Hunk("f", loose))


def place_among_blank_lines(lines: int) -> Prepared:
    """One hunk that has other blank lines than the file, and other white space."""
    text = source(lines)
    hunk = _hunk(text, lines // 2)
    loose = [Line(line.sign, "".join(line.text.split())) for line in hunk.lines if line.text]
    spread = tuple(part for line in loose for part in (line, Line(" ", "")))
    return lambda: FilePlacer("f", text).place(Hunk("f", spread))


def place_nowhere(lines: int) -> Prepared:
    """One hunk whose removed line the file does not have: why, and what is nearest."""
    text = source(lines)
    hunk = _hunk(text, lines // 2)
    drifted = tuple(
        Line(line.sign, line.text + " + 1") if line.sign == "-" else line for line in hunk.lines
    )
    return lambda: FilePlacer("f", text).place(Hunk("f", drifted))


def place_next(lines: int) -> Prepared:
    """One more hunk in a file that has been looked at already."""
    text = source(lines)
    placer = FilePlacer("f", text)
    placer.place(_hunk(text, lines // 3))
    hunk = _hunk(text, lines // 2)
    return lambda: placer.place(hunk)


def _hunk(text: str, at: int) -> Hunk:
    old = text.split("\n")[at : at + 7]
    lines = [Line("-" if number == 3 else " ", line) for number, line in enumerate(old)]
    return Hunk("f", (*lines, Line("+", "new")), HunkHint())


def many_files(hunks: int) -> Prepared:
    """A patch of ten hunks a file: read, placed, applied."""
    files = {f"src/f{number}.py": source(400, number) for number in range(hunks // 10)}
    patch = "".join(render(diff(path, text, edited(text, 10))) for path, text in files.items())

    def run() -> object:
        outcome = apply_patch(patch, files, {})
        assert isinstance(outcome, Applied)
        return outcome

    return run


def one_file(hunks: int) -> Prepared:
    """All hunks in one file."""
    text = source(hunks * 40)
    patch = render(diff("f.py", text, edited(text, hunks)))

    def run() -> object:
        outcome = apply_patch(patch, {"f.py": text}, {})
        assert isinstance(outcome, Applied)
        return outcome

    return run


def compare(lines: int) -> Prepared:
    """The difference of a file with three changes in a hundred lines."""
    text = source(lines)
    after = edited(text, lines * 3 // 100)
    assert apply_resolved(text, diff("f", text, after)) == after
    return lambda: diff("f", text, after)


def equal_lines(lines: int) -> Prepared:
    """Hostile: a hunk of equal lines in a file of equal lines."""
    text = "x\n" * lines
    hunk = Hunk("f", (*(Line(" ", "x") for _ in range(lines // 2)), Line("+", "y")))
    return lambda: FilePlacer("f", text).place(hunk)


def nearly_equal_lines(lines: int) -> Prepared:
    """Hostile: equal lines but the last, which the file does not have."""
    text = "x\n" * lines
    hunk = Hunk("f", (*(Line(" ", "x") for _ in range(lines // 2)), Line("-", "z")))
    return lambda: FilePlacer("f", text).place(hunk)


def indented_equal_lines(lines: int) -> Prepared:
    """Hostile: equal lines that the hunk shows with other white space, twice."""
    text = "x\n\n" * (lines // 2)
    body = tuple(Line(" ", " x") for _ in range(lines // 8))
    first = Hunk("f", (Line("-", " x"), *body, Line("+", "y")))
    second = Hunk("f", (*body, Line("+", "z")), HunkHint(old_start=lines // 2))

    def run() -> object:
        placer = FilePlacer("f", text)
        return placer.place(first), placer.place(second)

    return run


def removed_equal_lines(lines: int) -> Prepared:
    """Hostile: very many lines are removed where others that are equal were removed before."""
    text = "x\n" * lines + "y\n" + "x\n" * (lines // 4)
    removed = tuple(Line("-", "x") for _ in range(lines // 4))
    first = Hunk("f", (Line(" ", "y"), *removed))
    second = Hunk("f", removed, HunkHint(1, lines // 4, 1, 0))

    def run() -> object:
        placer = FilePlacer("f", text)
        return placer.place(first), placer.place(second)

    return run


def read_equal_lines(lines: int) -> Prepared:
    """Hostile: one hunk of very many lines in small pieces."""
    text = "--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n" + " x\n" * lines

    def run() -> object:
        reader = PatchReader()
        for start in range(0, len(text), 64):
            reader.feed(text[start : start + 64])
        return reader.close()

    return run


def read_one_long_line(characters: int) -> Prepared:
    """Hostile: one line without an end, in small pieces, looked at after each."""

    def run() -> object:
        reader = PatchReader()
        reader.feed("some words")
        for _ in range(characters // 64):
            reader.feed("-+ @" * 16)
        return reader.close()

    return run


def read_blank_lines(lines: int) -> Prepared:
    """Hostile: blank lines that are held back until the end."""
    text = "--- a/f\n+++ b/f\n@@\n a\n" + "\n" * lines + "word\n" + "\n" * lines
    return lambda: [*(reader := PatchReader()).feed(text), *reader.close()]


def compare_equal_lines(lines: int) -> Prepared:
    """Hostile: nothing occurs once."""
    before = "a\nb\n" * (lines // 2)
    after = "b\na\na\n" * (lines // 3)
    return lambda: diff("f", before, after)


SIZES: dict[str, tuple[Callable[[int], Prepared], int, int]] = {
    "place": (place, 10_000, 100_000),
    "place_next": (place_next, 10_000, 100_000),
    "place_loosely": (place_loosely, 10_000, 100_000),
    "place_loosely_beyond_ascii": (place_loosely_beyond_ascii, 10_000, 100_000),
    "place_among_blank_lines": (place_among_blank_lines, 10_000, 100_000),
    "place_nowhere": (place_nowhere, 10_000, 100_000),
    "many_files": (many_files, 300, 3_000),
    "one_file": (one_file, 300, 3_000),
    "compare": (compare, 10_000, 100_000),
    "equal_lines": (equal_lines, 100_000, 1_000_000),
    "nearly_equal_lines": (nearly_equal_lines, 100_000, 1_000_000),
    "indented_equal_lines": (indented_equal_lines, 10_000, 100_000),
    "removed_equal_lines": (removed_equal_lines, 10_000, 100_000),
    "read_equal_lines": (read_equal_lines, 10_000, 100_000),
    "read_one_long_line": (read_one_long_line, 100_000, 1_000_000),
    "read_blank_lines": (read_blank_lines, 10_000, 100_000),
    "compare_equal_lines": (compare_equal_lines, 10_000, 100_000),
}


def best_ms(run: Prepared, budget_s: float = 1.0) -> float:
    gc.collect()
    gc.disable()  # as the product does while an answer streams
    best, spent = float("inf"), 0.0
    while spent < budget_s or best == float("inf"):
        start = time.perf_counter()
        run()
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
    gc.enable()
    return best * 1e3


def main() -> None:
    for name in sys.argv[1:] or list(SIZES):
        prepare, small, large = SIZES[name]
        small_ms, large_ms = best_ms(prepare(small)), best_ms(prepare(large))
        growth = (large_ms / small_ms) / (large / small)
        row = {
            "name": name,
            f"ms_at_{small}": round(small_ms, 3),
            f"ms_at_{large}": round(large_ms, 3),
            "growth": round(growth, 2),
        }
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
