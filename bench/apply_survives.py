"""What `spark apply` survives that others do not: one Markdown table, measured here and now.

    python bench/apply_survives.py [CASES]

Takes edits of the package's own sources, damages each patch in the ways that models damage them
(see DAMAGES), and gives it to `git apply`, to `git apply` with its lenient options, to GNU `patch`
where it is installed, and to our engine. Counted are cases: R % right / W % wrong (another tree
than the edit makes, or a tree changed though it must be refused). The seed is fixed.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import codexspark_tui
from codexspark_tui.patch import diff, render
from codexspark_tui.patch.whole import Applied, apply_patch

Damage = Callable[[str, random.Random], str]
Tool = Callable[[str, str, str], str | None]

NAME = "pkg/module.py"
_HEADER = re.compile(r"^@@ .*$", re.MULTILINE)


def _each(patch: str, change: Callable[[str], str]) -> str:
    """The patch with `change` done to every line that is no header."""
    return "".join(
        line if line.startswith(("diff ", "--- ", "+++ ", "@@")) else change(line[:-1]) + "\n"
        for line in patch.splitlines(keepends=True)
    )


DAMAGES: dict[str, Damage] = {
    "as git prints it": lambda patch, r: patch,
    "wrong line numbers": lambda patch, r: _HEADER.sub(
        lambda m: re.sub(r"-\d+", f"-{r.randrange(1, 900)}", m[0], count=1), patch
    ),
    "wrong counts": lambda patch, r: _HEADER.sub(
        lambda m: re.sub(r",\d+", f",{r.randrange(1, 9)}", m[0]), patch
    ),
    "`@@` alone": lambda patch, r: _HEADER.sub("@@", patch),
    "in an answer, with a fence": lambda patch, r: f"Sure:\n\n```diff\n{patch}```\n\nDone.\n",
    "no a/ and b/": lambda patch, r: (
        re.sub(r"^diff .*\n", "", patch).replace("--- a/", "--- ").replace("+++ b/", "+++ ")
    ),
    "white space at line ends lost": lambda patch, r: _each(patch, str.rstrip),
    "context without its blank": lambda patch, r: _each(
        patch, lambda line: line[1:] if line.startswith(" ") else line
    ),
    "whole block indented by two": lambda patch, r: _each(
        patch, lambda line: line[:1] + ("  " + line[1:] if line[1:].strip() else "")
    ),
    "typographic quotes in context": lambda patch, r: _each(
        patch, lambda line: line if line.startswith("+") else line.replace('"', "”")
    ),
    "CRLF in the answer": lambda patch, r: patch.replace("\n", "\r\n"),
    "`*** Begin Patch`": lambda patch, r: (
        "*** Begin Patch\n*** Update File: "
        + NAME
        + "\n"
        + _HEADER.sub("@@", patch.split("\n", 3)[3])
        + "*** End Patch\n"
    ),
    "a removed line misquoted (refuse)": lambda patch, r: re.sub(
        r"(?m)^-(?!--)(.*\S)", r"-\1_x", patch, count=1
    ),
    "cut in the middle (refuse)": lambda patch, r: patch[: patch.rindex("\n+") + 3],
}


def edits(count: int) -> list[tuple[str, str]]:
    """(before, after) of files that each get one to three lines changed and one added."""
    root = Path(codexspark_tui.__file__).parent
    chance = random.Random(7)
    texts = [path.read_text() for path in sorted(root.rglob("*.py"))]
    found: list[tuple[str, str]] = []
    for text in chance.choices([text for text in texts if text.count("\n") > 60], k=count):
        lines = text.split("\n")
        unique = [n for n, ln in enumerate(lines) if ln.strip() and lines.count(ln) == 1]
        for number in sorted(chance.sample(unique, chance.randrange(1, 4)), reverse=True):
            lines[number] += "  # changed"
            lines.insert(number, lines[number][: len(lines[number]) - len(lines[number].lstrip())])
            lines[number] += f"added_{number} = {number}"
        found.append((text, "\n".join(lines)))
    return found


def ours(patch: str, before: str, folder: str) -> str | None:
    outcome = apply_patch(patch, {NAME: before}, {})
    return outcome.files[NAME] if isinstance(outcome, Applied) else None


def command(*words: str) -> Tool:
    def run(patch: str, before: str, folder: str) -> str | None:
        file = Path(folder, NAME)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(before.encode())
        done = subprocess.run(
            words, cwd=folder, input=patch.encode(), capture_output=True, check=False
        )
        after = file.read_bytes().decode()
        return after if done.returncode == 0 or after != before else None

    return run


def tools() -> dict[str, Tool]:
    found: dict[str, Tool] = {
        "`git apply`": command("git", "apply", "-"),
        "`git apply`, lenient": command(
            "git", "apply", "--recount", "--ignore-whitespace", "-C1", "-"
        ),
    }
    if shutil.which("patch"):
        found["`patch -F3 -l`"] = command("patch", "-F3", "-l", "-p1", "-s", "-f")
    return found | {"`spark apply`": ours}


def main(count: int) -> None:
    known = tools()
    rows = [["what is wrong with the patch", *known], ["---", *("---" for _ in known)]]
    cases = edits(count)
    for name, damage in DAMAGES.items():
        chance = random.Random(name)
        score = {tool: [0, 0] for tool in known}
        for before, after in cases:
            patch = damage(render(diff(NAME, before, after)), chance)
            for tool, run in known.items():
                with tempfile.TemporaryDirectory() as folder:
                    made = run(patch, before, folder)
                wanted = None if "(refuse)" in name else after
                score[tool][0] += made == wanted
                score[tool][1] += made is not None and made != wanted
        rows.append([name, *(_shares(right, wrong, count) for right, wrong in score.values())])
    sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in rows))


def _shares(right: int, wrong: int, count: int) -> str:
    return f"{100 * right / count:.0f} / {100 * wrong / count:.0f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
