"""The servers and models that are known by name, and what is wrong in somebody's own table."""

from __future__ import annotations

import pytest

from codexspark_tui.errors import UsageError
from codexspark_tui.providers.presets import Model, Preset, Prices, overlaid, shipped


def test_the_shipped_servers_are_those_that_the_docs_promise() -> None:
    assert list(shipped()) == [
        "openai", "azure", "xai", "cerebras", "cometapi", "groq", "openrouter",
        "ollama", "llama.cpp", "vllm", "sglang", "lmstudio",
    ]  # fmt: skip


def test_spark_is_first_takes_text_only_and_its_price_is_unknown() -> None:
    openai = shipped()["openai"]
    assert openai.model("gpt-5.3-codex-spark") == Model(
        "gpt-5.3-codex-spark", 128_000, images=False, refuses=("reasoning.summary",)
    )
    assert openai.after("gpt-5.3-codex-spark")[0] == "gpt-6-astra"
    assert openai.model("gpt-6-astra").service_tier == "ultrafast"
    assert {model.prices for preset in shipped().values() for model in preset.models} == {None}


def test_a_model_that_is_not_listed_is_known_by_its_name_only() -> None:
    assert shipped()["groq"].model("some/model") == Model("some/model")


def test_an_own_table_goes_over_a_shipped_one_and_its_models_come_first() -> None:
    table = {
        "connection_minutes": 30,
        "models": [
            {"id": "gpt-6-astra", "prices": {"input": 60, "output": 300, "cached": 6}},
            {"id": "new", "window": 1000},
        ],
    }
    made = overlaid(shipped(), {"openai": table}, "config.toml")["openai"]
    assert [m.id for m in made.models] == [
        "gpt-6-astra", "new", "gpt-5.3-codex-spark", "gpt-5.6-sol",
    ]  # fmt: skip
    assert made.models[0].service_tier == "ultrafast"
    assert made.models[0].prices == Prices(60.0, 300.0, 6.0)
    assert (made.connection_minutes, made.origin) == (30.0, "config.toml")
    assert made.base_url == "https://api.openai.com/v1"


def test_a_new_server_needs_no_more_than_an_address() -> None:
    made = overlaid({}, {"house": {"base_url": "https://llm.house.example/v1/"}}, "f")
    assert made == {"house": Preset("house", "https://llm.house.example/v1", origin="f")}


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no address": ({"wire": "chat"}, "f: providers.house: base_url: it is missing"),
    "no http": ({"base_url": "ftp://x"}, "base_url must be an address"),
    "password": ({"base_url": "https://a:b@x/v1"}, "base_url must be an address"),
    "unknown key": ({"base_url": "https://x", "wires": "chat"}, "wires is not known; known are "),
    "wire": ({"base_url": "https://x", "wire": "smoke"}, "wire must be one of responses, chat"),
    "key": ({"base_url": "https://x", "api_key": "sk-1"}, "a key does not belong in a settings"),
    "header": ({"base_url": "https://x", "headers": {"Authorization": "k"}}, "without a key in"),
    "models": (
        {"base_url": "https://x", "models": {"id": "m"}},
        "[[providers.house.models]]",
    ),
    "id": ({"base_url": "https://x", "models": [{"window": 5}]}, "model 1: id: it is missing"),
    "window": (
        {"base_url": "https://x", "models": [{"id": "m", "window": 0}]},
        "f: providers.house: model m: window must be a whole number above 0, not 0",
    ),
    "truth": ({"base_url": "https://x", "local": 1}, "local must be true or false, not 1"),
    "prices": (
        {"base_url": "https://x", "models": [{"id": "m", "prices": {"input": 1}}]},
        "prices must be a table with input and output",
    ),
    "command": (
        {"base_url": "https://x", "key_command": "pass 'x"},
        "key_command must be",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_names_file_key_and_reason(name: str) -> None:
    table, says = WRONG[name]
    with pytest.raises(UsageError) as raised:
        overlaid({}, {"house": table}, "f")
    assert says in raised.value.title
    assert "sk-1" not in raised.value.title


@pytest.mark.parametrize("name", ["codemods", "a/b", "", "a\nb"])
def test_names_that_a_server_cannot_have(name: str) -> None:
    with pytest.raises(UsageError):
        overlaid({}, {name: {"base_url": "https://x"}}, "f")


def test_cached_tokens_are_part_of_the_input() -> None:
    assert Prices(2.0, 10.0, 0.5).of(1000, 100, 400) == pytest.approx(0.0024)
    assert Prices(2.0, 10.0).of(1000, 100, 400) == pytest.approx(0.003)
