"""Every file in tests/cases: what was there, what the model answered, what must come of it.

    === before PATH [MODE]        a file of the tree (none: the tree is empty)
    === answer                    the model's text, exactly
    === after PATH [MODE]         every file that must be there afterwards
    === refused SENTENCE          instead: nothing changes, and the reason has this in it

"␍" at the end of a line stands for a carriage return, "␄" at the end of a section for "no final
newline here", "␣" for a blank at a line's end.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.model import ChangeEnded, Unsupported
from codexspark_tui.patch.whole import Applied, Refused, TreeLines, apply_facts, apply_patch

CASES = sorted((Path(__file__).parent.parent / "cases").glob("*.txt"))

MODES = ("100644", "100755", "120000")


def parse(text: str) -> list[tuple[str, str]]:
    """The sections of a case file: (heading, content)."""
    parts = re.split(r"(?m)^=== (.*)\n", text)
    return [
        (parts[i], parts[i + 1].replace("␍\n", "\r\n").replace("␣", " ").replace("␄\n", ""))
        for i in range(1, len(parts), 2)
    ]


def tree(sections: list[tuple[str, str]], word: str) -> tuple[dict[str, str], dict[str, str]]:
    files, modes = {}, {}
    for heading, content in sections:
        first, _, rest = heading.partition(" ")
        if first == word:
            path, _, mode = rest.rpartition(" ")
            path, mode = (path, mode) if mode in MODES else (rest, "100644")
            files[path], modes[path] = content, mode
    return files, modes


@pytest.mark.parametrize("case", [pytest.param(case, id=case.stem) for case in CASES])
def test_case(case: Path) -> None:
    sections = parse(case.read_text(encoding="utf-8"))
    files, modes = tree(sections, "before")
    answer = dict(sections)["answer"]
    outcome = apply_patch(answer, files, modes)
    refused = [heading for heading, _ in sections if heading.startswith("refused")]
    if refused:
        assert isinstance(outcome, Refused), outcome
        assert refused[0].removeprefix("refused").strip() in outcome.why
    else:
        assert isinstance(outcome, Applied), outcome
        wanted, wanted_modes = tree(sections, "after")
        assert (dict(outcome.files), dict(outcome.modes)) == (wanted, wanted_modes)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.stem) for case in CASES])
def test_case_in_single_characters(case: Path) -> None:
    sections = parse(case.read_text(encoding="utf-8"))
    files, modes = tree(sections, "before")
    answer = dict(sections)["answer"]
    lines = TreeLines(files)
    for whole_files in (None, files.get):
        reader = PatchReader(lines.exists, lines.has_line, whole_files=whole_files)
        facts = [fact for character in answer for fact in reader.feed(character)]
        facts += reader.close()
        if any(isinstance(fact, ChangeEnded | Unsupported) for fact in facts):
            break
    in_pieces = apply_facts(facts, files, modes, open_ended=reader.open_ended)
    assert in_pieces == apply_patch(answer, files, modes)
