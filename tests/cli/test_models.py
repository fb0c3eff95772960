"""`spark models`, `login`, `logout`, `trust`, and the choice of a model, as a shell sees them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from codexspark_tui.state_dir import cache_dir, config_dir, state_dir
from tests.support.house import House
from tests.support.repo import Repo
from tests.support.spark import Typist, run

KEY = "sk-planted-0123456789abcdefghijklmnopqrstuvwxyz"
NO_KEYS = dict.fromkeys(("OPENAI_API_KEY", "XAI_API_KEY", "AZURE_OPENAI_API_KEY", "GROQ_API_KEY"))


def settings(text: str) -> Path:
    path = config_dir() / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_models_lists_what_is_known_and_says_that_none_is_chosen(repo: Repo) -> None:
    ran = run("models", cwd=repo.root, env=NO_KEYS)
    lines = {line[2:].split()[0]: line for line in ran.text.splitlines()}
    spark = lines["openai/gpt-5.3-codex-spark"]
    assert "128,000 tokens  responses  price unknown  no key" in spark
    assert "ollama/MODEL" in lines
    assert (ran.code, "the codemods answer" in ran.err) == (0, True)
    assert not cache_dir().exists()


def test_models_in_json_name_the_chosen_one_and_where_its_key_is(repo: Repo) -> None:
    env = NO_KEYS | {"OPENAI_API_KEY": KEY}
    ran = run("models", "--json", cwd=repo.root, env=env | {"SPARK_MODEL": "openai"})
    chosen = [line for line in ran.lines if line.get("chosen")]
    assert [line["name"] for line in chosen] == ["openai/gpt-5.3-codex-spark"]
    assert (chosen[0]["key"], chosen[0]["input_price"]) == ("$OPENAI_API_KEY", None)
    assert ran.result["exit_code"] == 0
    assert KEY not in ran.text


def test_probe_asks_servers_and_lists_the_models_of_a_local_one(repo: Repo) -> None:
    with House() as house:
        settings(
            f'[providers.mine]\nbase_url = "{house.url}"\nlocal = true\n'
            f'[providers.closed]\nbase_url = "{house.url}/closed"\nlocal = true\n'
        )
        ran = run("models", "--probe", "--json", cwd=repo.root, env=NO_KEYS)
    rows = {line["name"]: line for line in ran.lines[:-1]}
    mine = rows["mine/house-model"]
    assert (mine["answers"], mine["window"]) == (True, 4096)
    assert rows["closed/MODEL"]["answers"] is False
    assert rows["ollama/MODEL"]["answers"] is False
    again = run("models", "--json", cwd=repo.root, env=NO_KEYS)
    assert "mine/house-model" in {line.get("name") for line in again.lines}


def test_a_key_that_is_piped_in_is_kept_and_taken_away_again(repo: Repo) -> None:
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **NO_KEYS}
    ran = run("login", "openai", cwd=repo.root, stdin=f"{KEY}\n".encode(), env=env)
    kept = config_dir() / "keys.json"
    assert (ran.code, ran.out) == (0, b"")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text()) == {"openai": KEY}
    assert KEY not in ran.err
    ran = run("logout", "openai", cwd=repo.root, env=env)
    assert (ran.code, json.loads(kept.read_text())) == (0, {})
    assert run("logout", "openai", cwd=repo.root, env=env).code == 1


def test_a_key_that_is_typed_is_not_shown(repo: Repo) -> None:
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    with Typist(("login", "openai"), repo.root, env=env) as person:
        person.answer("Key of openai (it is not shown): ", KEY)
        ended = person.end()
        assert (ended.code, person.mode_is_kept) == (0, True)
        assert KEY not in person.screen
    assert json.loads((config_dir() / "keys.json").read_text()) == {"openai": KEY}


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (("login", "nobody"), b"k", 2, "there is no server nobody"),
        (("login", "openai"), b"", 4, "no key was given: it is empty"),
        (("login", "openai"), b"two words", 2, "cannot be sent"),
        (("edit", "x", "--model", "openai"), None, 4, "there is no key for OpenAI"),
        (("edit", "x", "--model", "groq"), None, 2, "which model of Groq is not said"),
        (("edit", "x", "--model", "nobody/x"), None, 2, "there is no provider or model nobody/x"),
        (("edit", "x", "--model", "azure/x"), None, 2, "the address of Azure OpenAI is not compl"),
        (
            ("edit", "x", "--model", "openai", "--key-command", "false"),
            None,
            4,
            "false gave no",
        ),
        (("edit", "x", "--model", "openai", "--key-command", "a 'b"), None, 2, "cannot be read"),
        (("edit", "x", "--max-tokens", "some"), None, 2, "not a whole number"),
        (("edit", "x", "--max-cost", "-1"), None, 2, "max_cost must be 0 or more"),
        (("edit", "make it nice"), None, 2, "spark login openai"),
    ],
)
def test_what_cannot_be_done_says_why_and_what_to_do(
    repo: Repo, arguments: tuple[str, ...], stdin: bytes | None, code: int, says: str
) -> None:
    ran = run(*arguments, cwd=repo.root, stdin=stdin, env=NO_KEYS)
    assert (ran.code, says in ran.err, ran.out) == (code, True, b""), ran
    assert "Traceback" not in ran.err


def test_a_key_in_the_environment_alone_sends_nothing_and_is_named(repo: Repo) -> None:
    env = NO_KEYS | {"OPENAI_API_KEY": KEY}
    ran = run("edit", "make it nice", cwd=repo.root, env=env)
    assert (ran.code, "--model openai/gpt-5.3-codex-spark lets that" in ran.err) == (2, True)


# -- trust -----------------------------------------------------------------------------------------

WISH = 'model = "evil/x"\n[providers.evil]\nbase_url = "http://127.0.0.1:9/v1"\n'


@pytest.fixture
def wishing(repo: Repo) -> Repo:
    repo.commit({".spark/config.toml": WISH, "a.py": "import os\n"})
    return repo


def chosen(repo: Repo) -> str:
    listed = run("config", "list", cwd=repo.root).text.splitlines()
    return next(line for line in listed if line.startswith("model = "))


def test_a_repository_chooses_no_server_until_it_is_trusted(wishing: Repo) -> None:
    assert chosen(wishing) == 'model = ""'
    ran = run("trust", cwd=wishing.root)
    assert ran.code == 0
    assert "providers.evil.base_url = 'http://127.0.0.1:9/v1'" in ran.err
    assert chosen(wishing) == 'model = "evil/x"'
    listed = run("trust", "--list", cwd=wishing.root)
    assert listed.text == f"{wishing.root}/.spark/config.toml: trusted\n"
    assert stat.S_IMODE((state_dir() / "trusted.json").stat().st_mode) == 0o600


def test_a_file_that_has_changed_is_not_trusted_any_more(wishing: Repo) -> None:
    run("trust", cwd=wishing.root)
    wishing.write({".spark/config.toml": WISH + "# more\n"})
    assert chosen(wishing) == 'model = ""'
    assert "changed since" in run("trust", "--list", cwd=wishing.root).text


def test_trust_can_be_taken_back(wishing: Repo) -> None:
    run("trust", cwd=wishing.root)
    assert run("trust", "--revoke", cwd=wishing.root).code == 0
    assert chosen(wishing) == 'model = ""'
    assert run("trust", "--revoke", cwd=wishing.root).code == 1


@pytest.mark.parametrize(("answer", "model"), [("y", 'model = "evil/x"'), ("", 'model = ""')])
def test_a_terminal_is_asked_once(wishing: Repo, answer: str, model: str) -> None:
    for turn in (1, 2):
        arguments = ("edit", "--provider", "codemods", "remove unused imports")
        with Typist(arguments, wishing.root) as person:
            if turn == 1:
                person.answer("Trust them, as they are now? [y/N]", answer)
            ended = person.end()
            assert ended.code == 0, person.screen
            assert ("Trust them" in person.screen) == (turn == 1)
    assert chosen(wishing) == model


def test_nobody_is_asked_in_a_pipe(wishing: Repo) -> None:
    ran = run("edit", "remove unused imports", cwd=wishing.root)
    assert (ran.code, "spark trust" in ran.err, b"-import os" in ran.out) == (0, True, True)
    assert not (state_dir() / "trusted.json").exists()


def test_there_is_nothing_to_trust(repo: Repo) -> None:
    assert run("trust", cwd=repo.root).code == 2


# -- the whole way, over a real server -------------------------------------------------------------

PATCH = "```diff\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+ONE\n two\n```\n"


@pytest.fixture
def text(repo: Repo) -> Repo:
    repo.commit({"a.txt": "one\ntwo\n", ".env": "SECRET=1\n"})
    return repo


def house_settings(house: House, more: str = "") -> None:
    settings(
        f'model = "house/house-model"\n[providers.house]\nbase_url = "{house.url}"\n'
        f'wire = "chat"\nkey_variable = "HOUSE_KEY"\n{more}'
    )


def test_a_prompt_goes_to_the_model_and_a_patch_comes_back(text: Repo) -> None:
    with House(PATCH) as house:
        house_settings(house)
        env = {"HOUSE_KEY": KEY}
        ran = run("edit", "shout in a.txt", "a.txt", ".env", cwd=text.root, env=env)
    assert (ran.code, ran.text.count("+ONE\n")) == (0, 1), ran
    assert "not sent: .env: its name says" in ran.err
    assert "house/house-model over" in ran.err
    assert "100 in (40 cached), 20 out · price unknown" in ran.err
    (asked,) = house.asked
    assert asked["model"] == "house-model"
    said = json.dumps(asked)
    assert "File a.txt:" in said
    assert "SECRET=1" not in said
    assert house.keys == [f"Bearer {KEY}"]


def test_a_planted_key_is_in_no_output_and_no_file(text: Repo, tmp_path: Path) -> None:
    with House(status=401, echoes=True) as house:
        house_settings(house)
        env = {"HOUSE_KEY": KEY, "SPARK_DEBUG": "1"}
        for arguments in (
            ("edit", "shout", "--json"),
            ("edit", "shout"),
            ("models", "--probe"),
            ("models", "--probe", "--json"),
            ("config", "list", "--show-origin"),
            ("doctor",),
        ):
            ran = run(*arguments, cwd=text.root, env=env)
            assert KEY not in ran.text + ran.err, arguments
    home = Path(os.environ["HOME"])
    places = [home, text.root, state_dir(), cache_dir(), config_dir()]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert any("sessions" in path.parts for path in files)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_a_wrong_key_is_exit_code_4(text: Repo) -> None:
    with House(status=401) as house:
        house_settings(house)
        ran = run("edit", "shout", cwd=text.root, env={"HOUSE_KEY": KEY})
    assert (ran.code, ran.out, len(house.asked)) == (4, b"", 1), ran


def test_a_model_that_is_gone_is_exit_code_3_with_the_option_to_use(text: Repo) -> None:
    with House(status=404, code="model_not_found") as house:
        house_settings(house, '[[providers.house.models]]\nid = "house-model"\n'
                              '[[providers.house.models]]\nid = "other"\n')  # fmt: skip
        ran = run("edit", "shout", cwd=text.root, env={"HOUSE_KEY": KEY})
    assert (ran.code, "Use --model house/other" in ran.err, ran.out) == (3, True, b""), ran


def test_a_limit_that_is_reached_is_exit_code_6_and_partial_keeps_whole_changes(text: Repo) -> None:
    with House(PATCH + "and words without an end\n" * 2000) as house:
        house_settings(house)
        env = {"HOUSE_KEY": KEY}
        ran = run("edit", "shout", "--max-tokens", "50", cwd=text.root, env=env)
        assert (ran.code, ran.out, "--max-tokens" in ran.err) == (6, b"", True), ran
        ran = run("edit", "shout", "--max-tokens", "50", "--partial", cwd=text.root, env=env)
    assert (ran.code, ran.text.count("+ONE\n")) == (6, 1), ran
    assert text.text("a.txt") == "one\ntwo\n"


def test_an_unreachable_server_is_exit_code_3(text: Repo) -> None:
    settings('[providers.house]\nbase_url = "http://127.0.0.1:9/v1"\nlocal = true\n')
    ran = run("edit", "shout", "--model", "house/x", "--timeout", "20", cwd=text.root)
    assert (ran.code in (3, 6), ran.out) == (True, b""), ran
