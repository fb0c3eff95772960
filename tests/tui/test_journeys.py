"""Journeys of a person at a real terminal: a pseudo-terminal around the real command.

Each also large: 3,000 hunks in 300 files, a line of 5,000 characters, 60×20.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from codexspark_tui.state_dir import config_dir, ensure
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, run, script, scripted
from tests.tui.conftest import TWO, hunk
from tests.tui.terminal import Screen

SIZES = [(80, 24), (60, 20)]
KEYS = "c why"
"""On the screen while the keys of the review decide."""
OPEN_AND_CURRENT = re.compile(r"▌○ open.*n reject")


@pytest.mark.parametrize("size", SIZES)
def test_send_accept_while_streaming_reject_with_a_reason_and_undo(
    shop: Repo, tmp_path: Path, size: tuple[int, int]
) -> None:
    before = shop.text("shop/prices.py")
    answer = TWO + "and more words of the answer\n" * 400
    told = script(tmp_path, answer, rate_tok_s=1000.0)
    with Screen(scripted(told), shop.root, size) as person:
        person.wait_for("Say what to change")
        person.type("change two lines\r")
        person.wait_for(lambda text: bool(OPEN_AND_CURRENT.search(text)))
        person.type("y")
        person.wait_for("✓ 1")
        assert "streaming" in person.text
        assert "LINE 5\n" in shop.text("shop/prices.py")
        person.wait_for(lambda text: bool(OPEN_AND_CURRENT.search(text)))
        person.type("cnot needed")
        person.wait_for("not needed")
        person.type("\r")
        person.wait_for("✗ 1")
        person.wait_for("turn 1:")
        person.type("K")
        person.wait_for("u undo")
        person.type("u")
        person.wait_for("↶ undone")
        person.type("q")
        code, _ = person.end()
    assert code == 0
    assert shop.text("shop/prices.py") == before


def test_leaving_with_undecided_changes_asks_and_leaves_a_record_on_the_normal_screen(
    shop: Repo, tmp_path: Path, isolated_home: Path
) -> None:
    with Screen(scripted(script(tmp_path, TWO)), shop.root) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for(KEYS)
        person.type("yq")
        person.wait_for("Leave with 1 undecided change?")
        person.type("y")
        assert person.end()[0] == 0
    record = person.raw.rpartition(b"\x1b[?1049l")[2].decode()
    assert "spark: 1 accepted, 0 rejected, 1 left open\r\n  shop/prices.py\r\n" in record
    (transcript,) = (isolated_home / "state").rglob("sessions/*.jsonl")
    assert '"left_open":1' in transcript.read_text()


def test_resize_in_mid_stream(shop: Repo, tmp_path: Path) -> None:
    told = script(tmp_path, TWO + "words and words\n" * 1500, rate_tok_s=3000.0)
    with Screen(scripted(told), shop.root, (100, 30)) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for("2 open")
        for width, height in ((60, 20), (160, 48), (80, 24)):
            person.resize(width, height)
            person.wait_for(lambda text: len(text.splitlines()[0]) in (60, 160, 80))
        person.wait_for("○ review")
        person.wait_for(KEYS)
        person.type("A")
        person.wait_for("Accept 2 changes?")
        person.type("y")
        person.wait_for("turn 1: 2 changes")
        person.type("q")
        assert person.end()[0] == 0


def test_a_draft_survives_a_crash_with_its_pastes(
    shop: Repo, tmp_path: Path, isolated_home: Path
) -> None:
    log = "".join(f"{n} of the log\n" for n in range(20))
    with Screen(scripted(script(tmp_path, TWO)), shop.root) as person:
        person.wait_for("Say what to change")
        person.type(f"never \x1b[200~{log}\x1b[201~ lose this")
        person.wait_for("never [pasted 1: 20 lines, 270 bytes] lose this")
        drafts = isolated_home / "state" / "spark" / "prompts"
        person.wait_for(lambda text: "lose this" in "".join(d.read_text() for d in files(drafts)))
        person.kill()
    (draft,) = files(drafts)
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    told = script(tmp_path, TWO, record="asked.jsonl")
    with Screen(scripted(told), shop.root) as person:
        person.wait_for("❯ never [pasted 1: 20 lines, 270 bytes] lose this")
        person.wait_for("what you had typed is back")
        person.type("\r")
        person.wait_for("2 open")
        assert files(drafts) == []
    asked = json.loads((tmp_path / "asked.jsonl").read_text())
    assert asked["prompt"] == "never [pasted 1: 20 lines, 270 bytes] lose this"
    assert asked["attached"] == f"[pasted 1]\n{log}"


def files(drafts: Path) -> list[Path]:
    return list(drafts.rglob("draft.json"))


@pytest.mark.parametrize("size", SIZES)
def test_review_inside_a_pipe_prints_what_was_chosen_and_writes_nothing(
    shop: Repo, size: tuple[int, int]
) -> None:
    patch = hunk("shop/prices.py", " line 4", "-line 5", "+LINE 5", " line 6")
    patch += hunk("shop/tax.py", "-rate = 2", "+rate = 3")
    untouched = Untouched.of(shop.root)
    with Screen(["review"], shop.root, size, stdin=patch.encode(), piped=True) as person:
        person.wait_for("2 open")
        person.type("n")
        person.wait_for("✗ 1")
        person.type("y")
        person.wait_for("✓ 1")
        person.type("q")
        code, out = person.end()
    untouched.check()
    assert code == 1
    shop.git("apply", "--check", stdin=out)
    shop.git("apply", stdin=out)
    assert (shop.text("shop/tax.py")[:18], "LINE 5" in shop.text("shop/prices.py")) == (
        "rate = 1\nrate = 3\n",
        False,
    )


def test_review_at_a_terminal_writes_what_is_accepted(shop: Repo, tmp_path: Path) -> None:
    patch = tmp_path / "answer.md"
    patch.write_text(TWO)
    with Screen(["review", str(patch)], shop.root) as person:
        person.wait_for("2 open")
        person.type("a")
        person.wait_for("✓ 2")
        person.type("q")
        assert person.end()[0] == 0
    assert {"LINE 5", "LINE 30"} <= set(shop.text("shop/prices.py").split("\n"))


def test_without_a_terminal_review_says_so_and_the_app_prints_its_help(shop: Repo) -> None:
    done = run("review", cwd=shop.root, stdin=TWO.encode())
    assert (done.code, done.out) == (2, b"")
    assert "there is no terminal to review on" in done.err
    assert run(cwd=shop.root).out.startswith(b"Usage: spark")


@pytest.mark.parametrize("size", SIZES)
def test_3000_hunks_in_300_files_inside_a_pipe(
    large: tuple[Repo, str], size: tuple[int, int]
) -> None:
    repo, patch = large
    with Screen(["review"], repo.root, size, stdin=patch.encode(), piped=True) as person:
        person.wait_for("3000 open")
        person.type("n")
        person.wait_for("✗ 1")
        person.type("G")
        person.wait_for("value_299_190")
        person.type("a")
        person.wait_for("✓ 1")
        person.type("g")
        person.wait_for("module_000.py")
        person.type("A")
        person.wait_for("never on screen")
        person.type("y")
        person.wait_for("✓ 2999")
        person.type("q")
        code, out = person.end()
    assert (code, out.count(b"\n@@ ")) == (1, 2999)
    repo.git("apply", "--check", stdin=out)


def test_3000_hunks_in_300_files_are_written_while_they_stream(
    large: tuple[Repo, str], tmp_path: Path
) -> None:
    repo, patch = large
    with Screen(scripted(script(tmp_path, patch, chunk_chars=400)), repo.root, (60, 20)) as person:
        person.wait_for("Say what to change")
        person.type("all of it\r")
        person.wait_for(lambda text: bool(OPEN_AND_CURRENT.search(text)))
        person.type("y")
        person.wait_for("✓ 1 ")
        person.wait_for("2999 open")
        person.wait_for(KEYS)
        person.type("A")
        person.wait_for("Accept 2,999 changes?")
        person.type("y")
        person.wait_for("✓ 3000")
        person.type("q")
        assert person.end()[0] == 0
    assert repo.text("src/module_000.py").count("y" * 5000) == 1
    assert repo.text("src/module_299.py").count("# edited") == 10


def test_no_color_leaves_no_colour_and_says_everything_in_words(shop: Repo, tmp_path: Path) -> None:
    options = scripted(script(tmp_path, TWO))
    with Screen(options, shop.root, env={"NO_COLOR": "1"}) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for(KEYS)
        person.type("yn")
        person.wait_for("turn 1:")
        person.type("q")
        person.end()
    colours = re.findall(rb"\x1b\[[0-9;]*[34]8;2;(\d+);(\d+);(\d+)", person.raw)
    assert {c for c in colours if len(set(c)) > 1} == set()


def test_demo_opens_the_app_with_a_prompt_ready_to_send(tmp_path: Path) -> None:
    with Screen(["demo"], tmp_path, (100, 30)) as person:
        person.wait_for("rename the function load_settings to read_settings")
        person.type("\r")
        person.wait_for("7 open")
        person.wait_for(KEYS)
        person.type("q")
        person.wait_for("Leave with 7 undecided changes?")
        person.type("y")
        assert person.end()[0] == 0


def test_hostile_text_reaches_the_terminal_without_its_controls(shop: Repo, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m"
    answer = f"{evil}\n\n{hunk('shop/prices.py', ' line 4', f'+{evil}', ' line 5')}"
    with Screen(scripted(script(tmp_path, answer)), shop.root) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for("1 open")
        person.wait_for("^[]0;owned^G")
        person.wait_for(KEYS)
        person.type("nq")
        person.end()
    assert b"\x1b]0;owned" not in person.raw
    assert "\x9b".encode() not in person.raw


@pytest.mark.parametrize(
    ("more", "said"),
    [({"ask": "Which one?", "options": ["a", "b"]}, "a question waits"),
     ({"fail": "network"}, "the answer failed")],
)  # fmt: skip
def test_who_looks_elsewhere_is_called_to_a_question_and_a_failure(
    shop: Repo, tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    told = script(tmp_path, "Well.\n", "So.\n", first_token_ms=300, **more)
    with Screen(scripted(told), shop.root) as person:
        person.wait_for("Say what to change")
        person.type("go\r\x1b[O")
        sequence = f"\x1b]9;spark: {said}\x1b\\".encode()
        person.wait_for(lambda text: b"\x07" + sequence in person.raw)


def test_the_palette_works_with_wrong_settings_of_servers_and_odd_names(
    shop: Repo, tmp_path: Path
) -> None:
    folder = ensure(config_dir())
    (folder / "config.toml").write_text('[providers."a/b"]\nbase_url = "x"\n')
    ensure(folder / "commands").joinpath("odd.md").write_text("[@click=app.quit]do[/] [/no] it\n")
    with Screen(scripted(script(tmp_path, TWO)), shop.root) as person:
        person.wait_for("Say what to change")
        person.type("\x10")
        person.wait_for("╭───")
        person.type("/odd")
        person.wait_for("[@click=app.quit]do[/] [/no] it")
        person.type("\r")
        person.wait_for("❯ /odd")
        person.type("\x03/model\r")
        person.wait_for("a/b")
        person.type("/quit\r")
        assert person.end()[0] == 0


def test_what_is_pasted_or_edited_reaches_the_terminal_without_its_controls(
    shop: Repo, tmp_path: Path
) -> None:
    evil = "\x1b]0;owned\x07\x9b31m\u202e"
    answer = hunk("shop/prices.py", " line 4", f"+{evil} of the model", " line 5")
    told = script(tmp_path, answer, record="asked.jsonl")
    with Screen(scripted(told), shop.root) as person:
        person.wait_for("Say what to change")
        person.type(f"\x1b[200~a {evil}\rb\x1b[201~")
        person.wait_for("❯ a ␛]0;owned␇�31m�")
        person.type("\x10")
        person.wait_for("╭───")
        person.type(f"\x1b[200~x {evil}\x1b[201~accept")  # it takes no such paste
        person.wait_for("│ accept ")
        person.type("\x1b")
        person.wait_for(lambda text: "╭───" not in text)
        person.type("\r")
        person.wait_for("1 open")
        person.wait_for(KEYS)
        person.type("e")
        person.wait_for("+␛]0;owned␇�31m�")
        person.wait_for("F2  take")
        person.type("\x1b")
        person.wait_for(lambda text: "F2  take" not in text)
        person.type("c")
        person.wait_for("Why is this change rejected?")
        person.type(f"\x1b[200~no {evil}!\x1b[201~")
        person.wait_for("no ]0;owned31m!")
        person.type("\r")
        person.wait_for("✗ 1")
        person.type("q")
        person.end()
    asked = json.loads((tmp_path / "asked.jsonl").read_text())
    assert asked["prompt"] == f"a {evil}\nb"
    for sequence in ("\x1b]0;owned", "\x9b", "\u202e"):
        assert sequence.encode() not in person.raw


def test_the_terminal_is_given_back_as_it_was(shop: Repo, tmp_path: Path) -> None:
    with Screen(scripted(script(tmp_path, TWO)), shop.root) as person:
        before = termios.tcgetattr(person.terminal)
        person.wait_for("Say what to change")
        person.type("/quit\r")
        assert person.end()[0] == 0
        assert termios.tcgetattr(person.terminal) == before
    assert person.raw.rstrip().endswith(b"nothing was changed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back_and_loses_nothing(
    shop: Repo, tmp_path: Path, isolated_home: Path, number: signal.Signals
) -> None:
    with Screen(scripted(script(tmp_path, TWO)), shop.root) as person:
        before = termios.tcgetattr(person.terminal)
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for("2 open")
        person.wait_for(KEYS)
        person.type("y")
        person.wait_for("✓ 1")
        person.type("inext")
        person.wait_for("❯ next")
        os.kill(person.pid, number)
        code, _ = person.end()
        assert termios.tcgetattr(person.terminal) == before
    said = person.raw.rpartition(b"\x1b[?1049l")[2].decode()
    assert (code, "Traceback" in said) == (130, False)
    assert f"ended by {number.name}\r\nWhat was accepted is on disk" in said
    assert "LINE 5\n" in shop.text("shop/prices.py")
    (draft,) = (isolated_home / "state").rglob("draft.json")
    assert json.loads(draft.read_text()) == "next"
    (transcript,) = (isolated_home / "state").rglob("sessions/*.jsonl")
    assert '"turn_ended"' in transcript.read_text()


def test_a_closed_terminal_ends_the_app_with_what_was_typed(
    shop: Repo, tmp_path: Path, isolated_home: Path
) -> None:
    ignoring = [sys.executable, "-c", _NO_HANGUP, *SPARK]
    options = scripted(script(tmp_path, TWO))
    with Screen(options, shop.root, command=ignoring) as person:
        person.wait_for("Say what to change")
        person.type("half a thought")
        person.wait_for("half a thought")
        assert person.hang_up() == 130
    (draft,) = (isolated_home / "state").rglob("draft.json")
    assert json.loads(draft.read_text()) == "half a thought"


def test_bytes_that_are_no_text_do_not_end_the_app(shop: Repo, tmp_path: Path) -> None:
    with Screen(scripted(script(tmp_path, TWO)), shop.root) as person:
        person.wait_for("Say what to change")
        person.type_bytes(b"a\xff\xc3\x1b[<999999;\xe9zb")
        person.wait_for("b")
        person.type("\x15go\r")
        person.wait_for("2 open")
        person.wait_for(KEYS)
        person.type("qy")
        assert person.end()[0] == 0


def test_a_fault_of_ours_gives_the_terminal_back_and_prints_no_traceback(shop: Repo) -> None:
    command = [sys.executable, "-m", "tests.tui.faulty", str(shop.root)]
    here = str(Path(__file__).parents[2])
    with Screen([], shop.root, command=command, env={"PYTHONPATH": here}) as person:
        before = termios.tcgetattr(person.terminal)
        code, _ = person.end()
        assert termios.tcgetattr(person.terminal) == before
    said = person.raw.rpartition(b"\x1b[?1049l")[2].decode()
    assert code == 1
    assert "ended by: 'int' object has no attribute" in said
    assert b"Traceback" not in person.raw


_NO_HANGUP = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
"""As under nohup: the terminal's end is no signal then."""
