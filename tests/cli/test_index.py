"""`spark index` and `spark ask`, as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codexspark_tui.state_dir import cache_dir, config_dir
from tests.support.house import House
from tests.support.repo import Repo
from tests.support.spark import run

ON = {"SPARK_INDEX": "on"}


@pytest.fixture
def files(repo: Repo) -> Repo:
    repo.commit(
        {
            "src/reader.py": "class Reader:\n    def parse(self):\n        return 1\n",
            "src/use.py": "from src.reader import Reader\n\nReader().parse()\n",
            "tests/test_reader.py": "from src.reader import Reader\n\n\ndef test_it(): Reader()\n",
            ".env": "TOKEN=abc\n",
        }
    )
    return repo


def settings(house: House) -> None:
    path = config_dir() / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'model = "house/house-model"\n[providers.house]\nbase_url = "{house.url}"\nlocal = true\n'
    )


def test_index_says_how_it_stands_and_is_kept(files: Repo) -> None:
    ran = run("index", cwd=files.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.text.startswith("4 files, 3 read, ")
    assert "not read: 1 secret\n" in ran.text
    status, result = run("index", "--status", "--json", cwd=files.root).lines
    assert (status["type"], status["files"], status["waiting"]) == ("index_status", 4, 0)
    assert Path(status["place"]).is_relative_to(cache_dir())
    assert result["exit_code"] == 0
    assert run("index", "--rebuild", cwd=files.root).text == ran.text or ran.code == 0


def test_symbols_map_and_explain_answer(files: Repo) -> None:
    ran = run("index", "--symbols", "Reader.parse", cwd=files.root)
    assert ran.text == "src/reader.py:2: method Reader.parse: def parse(self)\n"
    assert run("index", "--symbols", "nothing_like_it", cwd=files.root).code == 1
    assert "src/reader.py\n  1: class Reader\n" in run("index", "--map", cwd=files.root).text
    ran = run("index", "--explain", "change Reader, see @.env", "--json", cwd=files.root)
    pieces = {line.get("path"): line for line in ran.lines[:-1]}
    assert pieces["src/reader.py"]["reason"].startswith("defines Reader")
    assert len(pieces["src/reader.py"]["blob"]) == 40
    assert pieces[".env"]["form"] == "left_out"


def test_two_questions_at_once_are_refused(files: Repo) -> None:
    ran = run("index", "--map", "--status", cwd=files.root)
    assert (ran.code, "Ask one at a time." in ran.err) == (2, True)


def test_a_cache_that_cannot_be_written_to_is_said(files: Repo, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    ran = run("index", cwd=files.root, env={"XDG_CACHE_HOME": str(blocked)})
    assert ran.code == 0
    assert "so it lives in memory until this ends" in ran.err
    assert "in memory" in ran.text


def test_an_edit_takes_along_what_the_index_ranks(files: Repo) -> None:
    run("index", cwd=files.root)
    with House("nothing to do") as house:
        settings(house)
        ran = run("edit", "--json", "make Reader lazy", cwd=files.root, env=ON)
        asked = json.dumps(house.asked)
    (chosen,) = [line for line in ran.lines if line["type"] == "context_chosen"]
    reasons = {piece["path"]: piece["reason"] for piece in chosen["pieces"]}
    assert reasons["src/reader.py"].startswith("defines Reader")
    assert "TOKEN=abc" not in asked


def test_a_question_is_answered_in_prose_and_changes_nothing(files: Repo) -> None:
    run("index", cwd=files.root)
    with House("It is in src/reader.py, line 1.") as house:
        settings(house)
        ran = run("ask", "where is Reader?", cwd=files.root, env=ON)
        asked = json.dumps(house.asked[-1])
    assert (ran.code, ran.text) == (0, "It is in src/reader.py, line 1.\n")
    assert "You answer questions" in asked
    assert "class Reader" in asked


def test_a_question_without_a_model_says_the_next_step(files: Repo) -> None:
    ran = run("ask", "where is Reader?", cwd=files.root)
    assert (ran.code, ran.out) == (2, b"")
    assert "spark models" in ran.err


def test_a_rename_lists_the_tests_that_mention_the_name(files: Repo) -> None:
    ran = run("rename", "Reader", "Parser", cwd=files.root)
    assert "tests that mention Reader: tests/test_reader.py" in ran.err
