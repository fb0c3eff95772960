"""Guided fuzzing of the patch engine with atheris: bytes in, nothing may fail.

    python -m tests.patch.fuzz_patch [-max_total_time=60] [FOLDER WITH FIRST INPUTS]

The bytes are an answer, in UTF-8 where they can be; it is read whole and in pieces, and applied.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.whole import Applied, TreeLines, apply_facts

FILES = {
    "x.py": "import os\n\n\ndef a():\n    return 1\n\n\ndef b():\n    return 1\n",
    "web/x.py": "a\r\nb\r\n",
    "list.md": "# T\n\n- a\n- b\n\n```sh\nrun\n```\n",
    "tab.c": "int f()\n{\n\treturn 1;\n}",
    "link": "x.py",
}
MODES = {"link": "120000"}


def one_input(data: bytes) -> None:
    answer = data.decode("utf-8", "surrogateescape")
    tree = TreeLines(FILES)
    for whole_files in (None, FILES.get):
        whole = PatchReader(tree.exists, tree.has_line, whole_files=whole_files)
        facts = [*whole.feed(answer), *whole.close()]
        pieces = PatchReader(tree.exists, tree.has_line, whole_files=whole_files)
        cut = [
            fact
            for start in range(0, len(answer), 7)
            for fact in pieces.feed(answer[start : start + 7])
        ]
        assert [*cut, *pieces.close()] == facts
        outcome = apply_facts(facts, FILES, MODES, open_ended=whole.open_ended)
        if isinstance(outcome, Applied):
            links = [
                outcome.files[path] for path, mode in outcome.modes.items() if mode == "120000"
            ]
            assert not any(to.startswith(("/", "../", ".git/")) for to in links)
            assert not any(path.startswith(("/", "../", ".git/")) for path in outcome.files)


def main() -> None:
    atheris: Any = importlib.import_module("atheris")  # not on every machine, and without types
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
