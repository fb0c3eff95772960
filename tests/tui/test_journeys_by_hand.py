"""What a person does to changes by hand, at a real terminal: split, edit, reroll, undo, resume.

Each journey is made on a small ground; with `--full` also on 3,000 changes in 300 files, the first
of which has a line of 5,000 characters, in a terminal of 60×20.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.repo import Repo
from tests.support.spark import script, scripted
from tests.tui.conftest import hunk
from tests.tui.terminal import Screen

TWO_RUNS = (
    " line 4", "-line 5", "+LINE 5", " line 6", " line 7", " line 8", "-line 9", "-line 10",
    "+LINE 9", "+LINE 10", " line 11",
)  # fmt: skip
F2 = "\x1bOQ"
KEYS = "c why"  # there while the keys of the review decide
CURRENT = re.compile(r"▌○ open.*n reject")
PASTE, PASTED = "\x1b[200~", "\x1b[201~"


@dataclass(frozen=True)
class Ground:
    """`answer` has `count` changes; the first one, of `path`, has two runs of lines.

    `first` and `second`: what begins the added lines of these; `was`: the line before the first.
    """

    repo: Repo
    answer: str
    size: tuple[int, int]
    path: str
    count: int
    first: str
    second: str
    was: str

    @property
    def text(self) -> str:
        return self.repo.text(self.path)

    def open(self, more: int = 0) -> str:
        return f"{self.count + more} open"


@pytest.fixture(params=["small", pytest.param("large", marks=pytest.mark.full)])
def ground(request: pytest.FixtureRequest) -> Ground:
    if request.param == "large":
        repo, patch = request.getfixturevalue("large")
        path = "src/module_000.py"
        first, second = "value_0_10 = 10  # edited", "value_0_14 = 14  # in the same hunk"
        return Ground(repo, patch, (60, 20), path, 3000, first, second, "value_0_10 = 10\n")
    shop: Repo = request.getfixturevalue("shop")
    answer = hunk("shop/prices.py", *TWO_RUNS)
    answer += hunk("shop/prices.py", " line 29", "-line 30", "+LINE 30", " line 31")
    answer += hunk("shop/tax.py", " rate = 1", "-rate = 2")
    return Ground(shop, answer, (80, 24), "shop/prices.py", 3, "LINE 5", "LINE 9\n", "line 5\n")


def begun(person: Screen, ground: Ground, prompt: str = "change it") -> None:
    """The answer has come, and the first change is the current one."""
    person.wait_for("Say what to change")
    person.type(f"{prompt}\r")
    person.wait_for(ground.open())
    person.wait_for(lambda text: "turn 1: " in text or "○ review" in text)
    person.wait_for(KEYS)


def left(person: Screen, *, undecided: bool = True) -> None:
    person.type("q")
    if undecided:
        person.wait_for("Leave with")
        person.type("y")
    assert person.end()[0] == 0


def options(ground: Ground, folder: Path, *more: str) -> tuple[str, ...]:
    return scripted(script(folder, ground.answer, *more, chunk_chars=400))


def test_a_change_is_split_and_its_parts_are_decided_alone(ground: Ground, tmp_path: Path) -> None:
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size) as person:
        begun(person, ground)
        person.type("s")
        person.wait_for(ground.open(1))
        person.type("n")
        person.wait_for("✗ 1")
        person.type("y")
        person.wait_for("✓ 1")
        left(person)
    assert ground.was in ground.text
    assert ground.second in ground.text


def test_a_change_is_rejected_with_a_reason_and_taken_up_again(
    ground: Ground, tmp_path: Path
) -> None:
    before = ground.text
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size) as person:
        begun(person, ground)
        person.type("cnot here; 日本")
        person.wait_for("Why is this change rejected?")
        person.wait_for("not here; ")
        person.type("\r")
        person.wait_for("✗ 1")
        person.wait_for(ground.open(-1))
        person.type("g")
        person.wait_for("because: not here; ")
        assert ground.text == before
        person.type("y")  # taken up again, and accepted
        person.wait_for("✓ 1")
        person.wait_for("✗ 0")
        left(person)
    assert ground.first in ground.text


def test_a_change_is_edited_here_and_written_as_edited(ground: Ground, tmp_path: Path) -> None:
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size) as person:
        begun(person, ground)
        person.type("e")
        person.wait_for("F2")
        person.type("mine_")
        person.wait_for("+mine_")
        person.type(F2)
        person.wait_for(lambda text: "F2" not in text and "mine_" in text)
        person.type("y")
        person.wait_for("✓ 1")
        left(person)
    assert f"mine_{ground.first}" in ground.text
    assert ground.second in ground.text


def test_a_change_is_edited_in_the_editor_which_has_the_terminal_meanwhile(
    ground: Ground, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        "#!/bin/sh\necho 'the editor asks' >/dev/tty\nread answer </dev/tty\n"
        'sed -i "s/^+/+$answer/" "$1"\n'
    )
    editor.chmod(0o755)
    env = {"EDITOR": str(editor)}
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size, env=env) as person:
        begun(person, ground)
        person.type("E")
        person.wait_for("the editor asks")
        person.type("own_\n")
        person.wait_for("+ own_")
        person.type("y")
        person.wait_for("✓ 1")
        left(person)
    assert f"own_{ground.first}" in ground.text
    assert f"own_{ground.second}" in ground.text


def test_another_version_is_asked_for_and_the_shown_one_is_written(
    ground: Ground, tmp_path: Path
) -> None:
    before, after = ground.text.split(ground.was)
    around = (before.splitlines()[-1], after.splitlines()[0])
    others = "".join(
        hunk(ground.path, f" {around[0]}", f"-{ground.was.strip()}", f"+{new}", f" {around[1]}")
        for new in ("another line", "yet another line")
    )
    told = script(tmp_path, ground.answer, others, chunk_chars=400)
    told.write_text('tools = "text"\n' + told.read_text())
    with Screen(scripted(told), ground.repo.root, ground.size) as person:
        begun(person, ground)
        person.type("r")
        person.wait_for("version 2 of 3")
        person.type("]")
        person.wait_for("version 3 of 3")
        person.type("[")
        person.wait_for("version 2 of 3")
        person.wait_for("another line")
        person.type("y")
        person.wait_for("✓ 1")
        left(person)
    assert ground.text == f"{before}another line\n{after}"


def test_changes_are_undone_and_redone_in_any_order(ground: Ground, tmp_path: Path) -> None:
    before = ground.text
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size) as person:
        begun(person, ground)
        person.type("y")
        person.wait_for("✓ 1")
        one = ground.text
        person.type("y")
        person.wait_for("✓ 2")
        both = ground.text
        person.type("gu")
        person.wait_for("✓ 1")
        assert (ground.was in ground.text, ground.text not in (before, one, both)) == (True, True)
        person.type("Ju")
        person.wait_for("✓ 0")
        assert ground.text == before
        person.type("KU")
        person.wait_for("✓ 1")
        assert ground.text == one
        person.type("JU")
        person.wait_for("✓ 2")
        assert ground.text == both
        left(person)


def test_a_session_is_gone_on_with_and_all_of_it_is_there(ground: Ground, tmp_path: Path) -> None:
    before = ground.text
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size) as person:
        begun(person, ground, "make it shout")
        person.type("y")
        person.wait_for("✓ 1")
        person.type("cnot this one")
        person.wait_for("not this one")
        person.type("\r")
        person.wait_for("✗ 1")
        left(person)
    resumed = ("--resume", *options(ground, tmp_path))
    with Screen(resumed, ground.repo.root, ground.size) as person:
        person.wait_for("Go on with which session?")
        person.type("shout")
        person.wait_for("make it shout")
        person.type("\r")
        person.wait_for(ground.open(-2))
        for shown in ("✓ 1", "✗ 1"):
            person.wait_for(shown)
        person.type("\x1b")
        person.wait_for("? help")
        person.type("gJ")
        person.wait_for("because: not this one")
        person.type("K")
        person.wait_for("u undo")
        person.type("u")
        person.wait_for("✓ 0")
        assert ground.text == before
        left(person)


def test_a_large_paste_is_an_attachment_with_its_counts_and_is_sent_whole(
    ground: Ground, tmp_path: Path
) -> None:
    lines = 100 * ground.count
    log = "".join(f"{n} of the log, ж\n" for n in range(lines))
    told = script(tmp_path, ground.answer, chunk_chars=400, record="asked.jsonl")
    with Screen(scripted(told), ground.repo.root, ground.size) as person:
        person.wait_for("Say what to change")
        person.type("see ")
        person.type(f"{PASTE}{log}{PASTED}")
        person.wait_for(f"{lines:,} lines")
        shown = " ".join(person.text.replace("\n", " ").split())
        assert f"{len(log.encode()):,} bytes]" in shown
        person.type(" please\r")
        person.wait_for(ground.open())
        person.wait_for(KEYS)
        left(person)
    (asked,) = (tmp_path / "asked.jsonl").read_text().splitlines()
    assert log in json.loads(asked)["attached"]


def test_leaving_with_undecided_changes_can_be_taken_back(ground: Ground, tmp_path: Path) -> None:
    with Screen(options(ground, tmp_path), ground.repo.root, ground.size) as person:
        begun(person, ground)
        person.type("q")
        person.wait_for(f"Leave with {ground.count:,} undecided changes?")
        person.type("n")
        person.wait_for("? help")
        person.type("y")
        person.wait_for("✓ 1")
        left(person)
    assert ground.first in ground.text


def test_the_window_changes_its_size_again_and_again_in_mid_stream(
    ground: Ground, tmp_path: Path
) -> None:
    small = ground.count == 3
    answer = ground.answer + "words and words\n" * 400 * small
    told = script(tmp_path, answer, rate_tok_s=4000.0 if small else 60_000.0)
    with Screen(scripted(told), ground.repo.root, (100, 30)) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for(KEYS)
        for width, height in [(60, 20), (300, 100), (40, 10), (160, 48), ground.size]:
            person.resize(width, height)
            person.wait_for(lambda text, width=width: _is_wide(text, width))  # type: ignore[misc]
        person.wait_for(lambda text: bool(CURRENT.search(text)))
        person.type("y")
        person.wait_for("✓ 1")
        person.wait_for(ground.open(-1))
        left(person)
    assert ground.first in ground.text


def _is_wide(text: str, width: int) -> bool:
    """Whether a line that goes from side to side is on the screen at this width."""
    return any(len(line) == width and line.endswith("─") for line in text.split("\n"))
