"""The prompt: completion, large pastes, and nothing that was typed is lost."""

from __future__ import annotations

import json

import pytest
from textual.events import AppBlur, Key, Paste

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.state_dir import ensure
from codexspark_tui.tui.model.completion import mentioned, offers
from codexspark_tui.tui.model.pasted import Entry, Pasted, is_large
from codexspark_tui.tui.notes import Draft, History, notes_folder
from tests.support.repo import Repo
from tests.tui.conftest import TWO, opened

FILES = ["shop/prices.py", "shop/tax.py", "src/app/prices_view.py", "README.md"]
LONG = "".join(f"line {n} of a log\n" for n in range(200))


def texts(before: str) -> list[str]:
    return [offer.text for offer in offers(before, PathFinder(FILES))]


def test_commands_and_files_are_completed_where_they_are_meant() -> None:
    assert texts("/acc") == ["/accept", "/accept-file", "/accept-all"]
    assert texts("@pri") == ["@shop/prices.py ", "@src/app/prices_view.py "]
    assert texts("look at @sptx") == ["@shop/tax.py "]
    assert texts("@sta") == ["@staged ", "@shop/tax.py "]
    assert [texts(t) for t in ("", "me@pri", "x /acc", "@nothing", "/accept-all")] == [[]] * 5


def test_files_that_a_prompt_names_are_known_ones() -> None:
    text = "mend @shop/tax.py, and (not @shop/none.py) @README.md. me@shop/tax.py"
    assert mentioned(text, FILES) == ("shop/tax.py", "README.md")


def test_a_paste_is_attached_with_its_counts_and_comes_back_whole() -> None:
    pasted = Pasted()
    prompt = f"why? {pasted.add(LONG)} and {pasted.add('é' * 3000)}"
    assert prompt == "why? [pasted 1: 200 lines, 3,490 bytes] and [pasted 2: 1 line, 6,000 bytes]"
    entry = pasted.entry(prompt)
    assert entry.whole() == f"why? {LONG} and {'é' * 3000}"
    assert entry.attached() == f"[pasted 1]\n{LONG}\n\n[pasted 2]\n{'é' * 3000}"
    second = pasted.entry("[pasted 2: 1 line, 6,000 bytes]")
    assert second == Entry("[pasted 2: 1 line, 6,000 bytes]", {2: "é" * 3000})
    assert pasted.entry("[pasted 7: nothing]").attached() == ""
    assert [is_large(text) for text in ("short", "a\nb", LONG)] == [False, False, True]


def test_pastes_of_two_prompts_that_are_put_together_keep_apart() -> None:
    sent, typed = Pasted(), Pasted()
    first = sent.entry(f"why {sent.add('a' * 3000)}")
    typed.add("gone")
    second = typed.entry(f" and {typed.add('b' * 4000)}, {typed.add('c' * 5000)} [pasted 9: no]")
    both = first.then(second)
    assert both.text == (
        "why [pasted 1: 1 line, 3,000 bytes] and [pasted 2: 1 line, 4,000 bytes], "
        "[pasted 3: 1 line, 5,000 bytes] [pasted 9: no]"
    )
    assert both.whole() == first.whole() + second.whole()


MARK = "[pasted 1: 1 line, 1 byte]"
KEPT: list[tuple[object, Entry | None]] = [
    ("said", Entry("said")),
    (
        {"text": f"a {MARK}", "pasted": {"1": "é\nx"}},
        Entry("a [pasted 1: 2 lines, 4 bytes]", {1: "é\nx"}),
    ),
    ({"text": "[pasted 1: 9 \x1b]", "pasted": {"1": "x"}}, Entry(MARK, {1: "x"})),
    ({"text": MARK, "pasted": {"2": "x"}}, Entry(MARK)),
    ({"text": MARK, "pasted": {"1": 7, "one": "x", "٣": "x", "9" * 5000: "x"}}, Entry(MARK)),
    ({"text": 1, "pasted": {}}, None),
    ({"text": "x"}, None),
    ({"text": "x", "pasted": []}, None),
    (None, None),
    ([["x"]], None),
    (7, None),
]


@pytest.mark.parametrize(("kept", "entry"), KEPT)
def test_what_was_kept_is_read_or_left_out(shop: Repo, kept: object, entry: Entry | None) -> None:
    folder = ensure(notes_folder(shop.root))
    (folder / "draft.json").write_text(json.dumps(kept))
    (folder / "history.jsonl").write_text(f'{json.dumps(kept)}\n"last"\n')
    assert Draft.load(shop.root).saved == (entry or Entry())
    assert History.load(shop.root).entries == [e for e in (entry, Entry("last")) if e]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'"\\ud800"', b"9" * 5000])
async def test_the_app_starts_whatever_the_files_hold(shop: Repo, data: bytes) -> None:
    folder = ensure(notes_folder(shop.root))
    (folder / "draft.json").write_bytes(data)
    (folder / "history.jsonl").write_bytes(data + b'\n"last"\n')
    async with opened(shop, TWO) as run:
        await run.press("x", "ctrl+c", "up", "up")
        assert run.screen.prompt.text == "last"


async def test_the_draft_of_an_earlier_version_comes_back_and_goes(shop: Repo) -> None:
    earlier = ensure(notes_folder(shop.root)) / "draft.txt"
    earlier.write_text("half a\nthought")
    async with opened(shop) as run:
        assert run.screen.prompt.text == "half a\nthought"
        await run.press("!")
        run.screen.keep()
    assert not earlier.exists()
    assert Draft.load(shop.root).saved == Entry("half a\nthought!")


async def test_tab_completes_and_the_list_goes(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.until(lambda: "shop/tax.py" in run.screen.prompt.files.paths)
        await run.press("@", "t", "a", "x")
        assert run.screen.prompt.completions.display
        await run.press("tab")
        assert run.screen.prompt.text == "@shop/tax.py "
        assert run.screen.prompt.completions.chosen is None


async def test_a_command_is_completed_by_enter_and_run_by_the_next(shop: Repo) -> None:
    async with opened(shop) as run:
        await run.press("/", "h", "e", "enter")
        assert run.screen.prompt.text == "/help"
        await run.press("enter")
        await run.until(lambda: run.app.screen is not run.screen)


async def test_a_large_paste_goes_along_and_files_are_named(shop: Repo) -> None:
    provider = ScriptedProvider((Scripted(TWO),))
    async with opened(shop, provider=provider) as run:
        await run.until(lambda: bool(run.screen.prompt.files))
        await run.press(*"why ")
        run.screen.prompt.post_message(Paste(LONG))
        await run.until(lambda: "[pasted 1: 200 lines" in run.screen.prompt.text)
        run.screen.prompt.insert(" @shop/tax.py")
        run.screen._save_draft()
        assert Draft.load(shop.root).saved == run.screen.prompt.entry()
        await run.press("enter")
        await run.until(lambda: run.rested)
        (request,) = provider.asked
        assert request.attached == f"[pasted 1]\n{LONG}"
        assert request.files == ("shop/tax.py",)
        sent = Entry("why [pasted 1: 200 lines, 3,490 bytes] @shop/tax.py", {1: LONG})
        assert History.load(shop.root).entries == [sent]
        await run.press("i", "up")
        assert run.screen.prompt.entry() == sent


async def test_ctrl_c_keeps_a_paste_in_the_history(shop: Repo) -> None:
    async with opened(shop) as run:
        run.screen.prompt.post_message(Paste(LONG))
        await run.until(lambda: bool(run.screen.prompt.text))
        await run.press("ctrl+c")
        assert run.screen.prompt.text == ""
        await run.press("up")
        assert run.screen.prompt.entry().whole() == LONG


async def test_a_small_paste_is_taken_once(shop: Repo) -> None:
    async with opened(shop) as run:
        run.app.post_message(Paste("one\ntwo"))
        await run.until(lambda: bool(run.screen.prompt.text))
        await run.press("!")
        assert run.screen.prompt.text == "one\ntwo!"


async def test_keys_that_type_nothing_act_before_what_is_typed_behind_them(shop: Repo) -> None:
    async with opened(shop) as run:
        for key in ("a", "b", "backspace", "c", "ctrl+w", "d", "left", "e"):
            run.app.post_message(Key(key, key if len(key) == 1 else None))
        await run.until(lambda: run.screen.prompt.text == "ed")


async def test_nothing_typed_is_lost_when_the_terminal_says_it_has_no_focus(shop: Repo) -> None:
    """As tmux does at the start, and before the prompt has had the focus."""
    async with opened(shop) as run:
        run.screen.set_focus(None)
        for event in (AppBlur(), *(Key(letter, letter) for letter in "quit")):
            run.app.post_message(event)
        await run.until(lambda: run.screen.prompt.text == "quit")


@pytest.mark.parametrize("times", [1, 10])
async def test_a_paste_comes_back_in_its_place_from_history_and_draft(
    shop: Repo, times: int
) -> None:
    log = LONG * times
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        prompt.focus()
        await run.press("w", "h", "y", "space")
        prompt.post_message(Paste(log))
        await run.until(lambda: f"[pasted 1: {200 * times:,} lines" in prompt.text)
        typed = prompt.entry()
        assert typed.whole() == f"why {log}"
        await run.press("ctrl+c")
        assert prompt.text == ""
        await run.press("x", "up")
        assert prompt.entry() == typed
        await run.press("down")
        assert prompt.entry() == Entry("x")
        await run.press("up", "y")
        run.screen.keep()
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        assert prompt.entry() == Entry(f"{typed.text}y", {1: log})
        prompt.post_message(Paste(LONG))
        await run.until(lambda: prompt.text.endswith("[pasted 2: 200 lines, 3,490 bytes]"))
        await run.press("z", "ctrl+c", "up")
        assert prompt.entry().whole() == f"why {log}y{LONG}z"
        await run.press("up")
        assert prompt.entry() == typed


async def test_a_text_too_long_to_be_edited_comes_back_as_one_mark(shop: Repo) -> None:
    (ensure(notes_folder(shop.root)) / "draft.txt").write_text("why " + LONG * 10)
    async with opened(shop, TWO) as run:
        assert run.screen.prompt.text == "[pasted 1: 2,000 lines, 34,904 bytes]"
        assert run.screen.prompt.entry().whole() == "why " + LONG * 10


async def test_a_command_gets_what_was_pasted_for_it(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        prompt.put("/export ")
        prompt.post_message(Paste("\n" * 13 + "said.md"))
        await run.until(lambda: "[pasted 1" in prompt.text)
        await run.press("enter")
        await run.until((shop.root / "said.md").exists)


async def test_what_is_put_before_a_paste_leaves_the_paste_whole(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        prompt.post_message(Paste(LONG))
        await run.until(lambda: "[pasted 1" in prompt.text)
        prompt.put("/ask " + prompt.text)
        assert prompt.entry().whole() == f"/ask {LONG}"


@pytest.mark.parametrize("said", ["/model nobody", "/undo 9", "/guards max_lines 7", "/model"])
async def test_what_a_command_says_before_the_first_prompt_is_seen(shop: Repo, said: str) -> None:
    async with opened(shop, TWO) as run:
        await run.send(said)
        await run.until(lambda: run.screen.prose.display)
        await run.until(lambda: any(block.lines for block in run.screen.prose.prose.blocks))
