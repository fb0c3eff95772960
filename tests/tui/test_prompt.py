"""The prompt: completion, large pastes, and nothing that was typed is lost."""

from __future__ import annotations

from textual.events import AppBlur, Key, Paste

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.tui.model.completion import mentioned, offers
from codexspark_tui.tui.model.pasted import Pasted, is_large
from codexspark_tui.tui.notes import Draft, History
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
    assert pasted.whole(prompt) == f"why? {LONG} and {'é' * 3000}"
    assert pasted.attached("[pasted 2: 1 line, 6,000 bytes]") == f"[pasted 2]\n{'é' * 3000}"
    assert pasted.attached("[pasted 7: nothing]") == ""
    assert [is_large(text) for text in ("short", "a\nb", LONG)] == [False, False, True]


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
        assert LONG in Draft.load(shop.root).saved
        await run.press("enter")
        await run.until(lambda: run.rested)
        (request,) = provider.asked
        assert request.attached == f"[pasted 1]\n{LONG}"
        assert request.files == ("shop/tax.py",)
        assert LONG.strip() in History.load(shop.root).entries[-1]
        await run.press("i", "up")
        assert "line 199 of a log" in run.screen.prompt.whole_text()


async def test_ctrl_c_keeps_a_paste_in_the_history(shop: Repo) -> None:
    async with opened(shop) as run:
        run.screen.prompt.post_message(Paste(LONG))
        await run.until(lambda: bool(run.screen.prompt.text))
        await run.press("ctrl+c")
        assert run.screen.prompt.text == ""
        await run.press("up")
        assert run.screen.prompt.whole_text() == LONG


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


async def test_a_huge_paste_comes_back_as_a_mark_from_the_history_and_from_the_draft(
    shop: Repo,
) -> None:
    huge = LONG * 10
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        prompt.focus()
        await run.press("w", "h", "y", "space")
        prompt.post_message(Paste(huge))
        await run.until(lambda: "[pasted 1: 2,000 lines" in prompt.text)
        marked = prompt.text
        await run.press("ctrl+c")
        assert prompt.text == ""
        await run.press("x", "up")
        assert (prompt.text, prompt.whole_text()) == (marked, f"why {huge}")
        await run.press("down")
        assert (prompt.text, prompt.whole_text()) == ("x", "x")
        await run.press("up", "y")
        run.screen.keep()
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        assert prompt.text.startswith("[pasted 1: 2,001 lines")
        assert prompt.whole_text() == f"why {huge}y"
        await run.press("z", "ctrl+c", "up")
        assert prompt.whole_text() == f"why {huge}yz"


async def test_what_is_put_before_a_paste_leaves_the_paste_whole(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        prompt.post_message(Paste(LONG))
        await run.until(lambda: "[pasted 1" in prompt.text)
        prompt.put("/ask " + prompt.text)
        assert prompt.whole_text() == f"/ask {LONG}"
