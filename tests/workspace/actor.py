"""A process of its own that accepts or undoes, so that a test can trace it, kill it or starve it.

`python -m tests.workspace.actor ROOT [ACTION…] ACTION` writes "begin" and "end" to its standard
error around the last action, and a word for how that ended to its standard output.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from codexspark_tui.errors import SparkError
from codexspark_tui.patch.model import Resolved, ResolvedMode, ResolvedRename
from codexspark_tui.workspace import Accepted, Refused, TurnInfo, Workspace
from tests.workspace.helpers import create, delete, replace_lines, text_of

FILES = {
    "a.py": "".join(f"a {n}\n" for n in range(40)),
    "d/b.py": "".join(f"b {n}\n" for n in range(40)),
    "d/c.py": "".join(f"c {n}\n" for n in range(40)),
    "gone.txt": "going\n",
    "tool": "#!/bin/sh\n",
    "d/this.txt": "this\n",
    "that.txt": "that\nthat\n",
    "was.txt": "was\n",
}
AFTER = {
    "a.py": FILES["a.py"].replace("a 5\n", "A\n").replace("a 30\n", "A2\n"),
    "e/f/b2.py": FILES["d/b.py"].replace("b 9\n", "B\n"),
    "d/c.py": "C\n" + FILES["d/c.py"],
    "n/new.txt": "new\n",
    "tool": "#!/bin/sh\n",
    "d/this.txt": "that\nthat\n",
    "that.txt": "this\n",
    "was.txt": "-> that.txt",
}
TOUCHED = frozenset(FILES) | frozenset(AFTER)
DECISION = TurnInfo("session:1", "do it", "script", "none")


def decision(space: Workspace) -> list[Accepted]:
    """Hunks in two files, a rename with a hunk, a create, a delete and a mode; two files that
    exchange their names, and one that becomes a link."""
    digest = {path: space.read(path).digest for path in FILES}
    changes: list[tuple[str, Resolved]] = [
        ("a.py", replace_lines(FILES["a.py"], "a.py", 6, 1, "A")),
        ("a.py", replace_lines(FILES["a.py"], "a.py", 31, 1, "A2")),
        ("d/b.py", ResolvedRename("d/b.py", "e/f/b2.py")),
        ("d/b.py", replace_lines(FILES["d/b.py"], "e/f/b2.py", 10, 1, "B")),
        ("d/c.py", replace_lines(FILES["d/c.py"], "d/c.py", 1, 0, "C")),
        ("", create("n/new.txt", "new\n")),
        ("gone.txt", delete("gone.txt", "going\n")),
        ("tool", ResolvedMode("tool", "100755", "100644")),
        ("d/this.txt", ResolvedRename("d/this.txt", "that.txt")),
        ("that.txt", ResolvedRename("that.txt", "d/this.txt")),
        ("was.txt", delete("was.txt", FILES["was.txt"])),
        ("", create("was.txt", "that.txt", "120000")),
    ]
    return [
        Accepted(f"c{number}", resolved, digest.get(path, ""))
        for number, (path, resolved) in enumerate(changes)
    ]


def on_disk(root: Path) -> dict[str, str]:
    """What is at the names of the decision; where a link leads behind an arrow."""
    found = {}
    for name in TOUCHED:
        path = root / name
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.exists():
            found[name] = path.read_text()
    return found


def one_line(space: Workspace, path: str, line: int, new: str) -> Accepted:
    state = space.read(path)
    hunk = replace_lines(text_of(state.data), path, line, 1, new)
    return Accepted("c", hunk, state.digest)


def act(space: Workspace, action: str) -> str:
    match action.split(":"):
        case ["accept"]:
            answer = space.commit(DECISION, decision(space))
        case ["line", path, line, new]:
            turn = TurnInfo(f"session:{new}", "", "script", "none")
            answer = space.commit(turn, [one_line(space, path, int(line), new)])
        case ["undo" | "redo" as verb]:
            report = space.undo() if verb == "undo" else space.redo()
            return "conflict" if report.conflicts else "done"
        case ["recover"]:
            return "\n".join(space.recover())
        case _:
            raise SystemExit(2)
    if isinstance(answer, Refused):
        return "refused: " + "; ".join(f"{p.path}: {p.why}" for p in answer.problems)
    return "done"


def main(root: str, *actions: str) -> None:
    *first, action = actions
    space = Workspace.open(Path(root))
    for one in first:
        act(space, one)
    os.write(2, b"begin\n")
    try:
        said = act(space, action)
    except SparkError as error:
        said = f"{error.code}: {error.title} [{error.detail}] {error.next_step}"
    os.write(2, b"end\n")
    sys.stdout.write(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
