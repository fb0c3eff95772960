"""What each cell of the grid must do, written down from docs/safety.md; and the repository for it.

    tool                  review      auto-edit   auto                      read-only
    read, search, list,   runs        runs        runs                      runs
      symbols
    patch, codemod        reviewed    in the app what is exact and without  patch: shown, no more;
                                      a finding is taken, else reviewed     codemod: refused, told
    run, confined         asks        asks        runs                      refused, told
    run, not confined     asks        asks        asks                      refused, told
    ask the person        asks        asks        asks                      asks

"asks" where there is nobody to ask: exit 2, and what would have been asked is named. A repository's
own settings choose the column only once they are trusted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeAlias

from tests.support.patches import patch_of
from tests.support.repo import Repo

Mode: TypeAlias = Literal["review", "auto-edit", "auto", "read-only"]
Does: TypeAlias = Literal["runs", "asks", "refused"]
MODES: tuple[Mode, ...] = ("review", "auto-edit", "auto", "read-only")
CODE = "def one():\n    return 1\n\n\ndef two():\n    return one()\n"
FILES: dict[str, str | bytes] = {"a.py": CODE, "src/b.py": "VALUE = 2\n", "c.txt": "first\nlast\n"}
LOOKS = {
    "read": ({"path": "src/b.py"}, "1\tVALUE = 2"),
    "search": ({"text": "VALUE"}, "src/b.py:1: VALUE = 2"),
    "list": ({"pattern": "src"}, "src/b.py"),
    "symbols": ({"path": "a.py", "name": "two"}, "a.py:5-6 function two  def two()"),
}
RUN = {"command": "touch made.txt"}
RUN_NAMED = "The model wants to run: touch made.txt"
ASK = {"question": "Which one?", "options": ["left", "right"]}
ASK_NAMED = "The model asks: Which one?"
ENVELOPE = "*** Begin Patch\n*** Update File: src/b.py\n@@\n-VALUE = 2\n+VALUE = 3\n*** End Patch\n"
DIFF = patch_of("src/b.py", "VALUE = 2\n", "VALUE = 3\n")
NOT_EXACT = patch_of("c.txt", "first\nlast\n", "first\nlater\n").replace("first", "first  ")
READ_ONLY = "This was not done: this session is read-only"
DENIED = "This was not done: this session is read-only, so nothing is run"


def run_does(mode: Mode, *, confined: bool) -> Does:
    if mode == "read-only":
        return "refused"
    return "runs" if mode == "auto" and confined else "asks"


def grid_repo(repo: Repo) -> Repo:
    repo.commit(FILES)
    return repo


def call(name: str, arguments: object) -> str:
    """An answer of a script that calls a tool; text is sent as it is."""
    said = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return f"[[answer]]\ncall = {json.dumps(name)}\narguments = {json.dumps(said)}\n"


def text(said: str) -> str:
    return f"[[answer]]\ntext = {json.dumps(said)}\n"


def script_of(folder: Path, *answers: str, tools: str = "calls") -> tuple[str, ...]:
    """The options that let this script answer; it records what it was asked."""
    path = folder / "grid.toml"
    path.write_text(f'tools = "{tools}"\nrecord = "asked.jsonl"\n' + "".join(answers))
    return ("--provider", "script", "--script", str(path))


def told(folder: Path) -> list[str]:
    """What the model was told of its calls, in their order."""
    last = json.loads((folder / "asked.jsonl").read_text().splitlines()[-1])
    return [i["text"] for i in last["items"] if "text" in i and "id" in i]
