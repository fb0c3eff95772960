"""A session with a model: what it is told, how a broken answer goes on, limits, other models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from codexspark_tui.errors import ContextTooLong, KeyMissing, ModelGone, ProviderError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event
from codexspark_tui.providers.model import (
    Capabilities,
    Counted,
    ItemDone,
    Message,
    Opaque,
    Question,
    ReasoningDelta,
)
from codexspark_tui.providers.presets import EDIT_FORMATS, EditFormat, Model, Prices
from codexspark_tui.session.models import Setup, TurnLimits
from codexspark_tui.session.session import Session
from tests.support.converse import Conversing, House, Say
from tests.support.repo import Repo
from tests.support.session import (
    Log,
    Rule,
    Talk,
    accept,
    changed,
    numbered,
    patch,
    reject,
    streamed,
    when,
)

A = numbered(60)
FIRST = patch("a.txt", A, changed(A, 5))
BOTH = patch("a.txt", A, changed(A, 5, 40))
SECOND = patch("a.txt", A, changed(A, 40))


@pytest.fixture
def files(repo: Repo) -> Repo:
    repo.commit({"a.txt": A, "other.py": "def helper(x):\n    return x\n"})
    return repo


def talk(repo: Repo, provider: Conversing, setup: Setup | None = None) -> Talk:
    return Talk(repo, provider=provider, setup=setup)


def accepted_at_end() -> Rule:
    return streamed(lambda log: accept(*log.choices()))


def test_each_turn_extends_the_conversation_before_it(files: Repo) -> None:
    provider = Conversing([Say("Here.\n" + FIRST), Say("Done already.\n")])
    log = talk(files, provider).run(
        when(facts.StreamFinished, lambda e, s: accept(*s.choices()) if s.choices() else None),
        prompts=("change line 5 of a.txt", "and now?"),
    )
    first, second = provider.asked
    assert second.instructions == first.instructions != ""
    assert second.items[: len(first.items)] == first.items
    assert second.items[1] == Message("assistant", "Here.\n" + FIRST)
    became = provider.said(1)[2][1]
    assert became.startswith(
        "What became of the changes of your last answer:\n- a.txt line 2: accepted; it is in the"
    )
    assert became.endswith("The prompt:\nand now?")
    assert files.text("a.txt") == changed(A, 5)
    assert log.of(facts.Failed) == []


def test_a_rejection_is_told_with_its_reason(files: Repo) -> None:
    provider = Conversing([Say(FIRST), Say("All right.\n")])
    talk(files, provider).run(
        streamed(lambda log: reject(*log.choices(), reason="keep line 5")),
        prompts=("change a.txt", "again"),
    )
    assert "- a.txt line 2: rejected: keep line 5\n" in provider.said(1)[2][1]


def test_items_of_the_answer_go_back_as_they_came(files: Repo) -> None:
    items = (Opaque('{"type":"reasoning"}'), Message("assistant", "Hm.\n"))
    answer = Say("Hm.\n", before=tuple(ItemDone(item) for item in items))
    provider = Conversing([answer, Say("Yes.\n")])
    talk(files, provider).run(prompts=("one", "two"))
    assert provider.asked[1].items[1:3] == items
    assert len(provider.asked[1].items) == 4


def test_a_lost_answer_goes_on_and_keeps_its_whole_changes(files: Repo) -> None:
    torn = BOTH[: BOTH.index("+changed 40")]
    provider = Conversing([Say(torn, "lost"), Say(SECOND)])
    log = talk(files, provider).run(accepted_at_end())
    assert log.states() == {"c1": "written", "c2": "refused", "c3": "written"}
    closed = log.of(facts.ChangeClosed)[1]
    assert isinstance(closed.placement, facts.NotPlacedAt)
    assert closed.placement.again
    assert not log.one(facts.StreamFinished).truncated
    assert log.one(facts.TurnEnded) == facts.TurnEnded(1, "done", accepted=2, entry="1")
    assert files.text("a.txt") == changed(A, 5, 40)
    (notice,) = log.of(facts.Notice)
    assert (notice.level, notice.text.endswith("asking for the rest (1 of 3)")) == ("warning", True)
    role, rest = provider.said(1)[-1]
    assert role == "user"
    assert rest.startswith("The connection was lost in the middle of your answer.\n\nThese changes")
    assert "- a.txt line 2: received, not decided yet\n" in rest
    assert provider.asked[1].items[1] == Message("assistant", torn[: torn.rindex("\n") + 1])


@pytest.mark.parametrize("cut", range(0, len(BOTH), 7))
def test_wherever_it_was_lost_two_attempts_are_never_one_text(files: Repo, cut: int) -> None:
    provider = Conversing([Say(BOTH[:cut], "lost"), Say(BOTH)])
    log = talk(files, provider).run(streamed(lambda log: [accept(c) for c in log.choices()]))
    assert files.text("a.txt") == changed(A, 5, 40)
    for seen in log.tally.changes.values():
        assert seen.state == "written" or seen.view is None or seen.state in ("refused", "stale")


def test_a_torn_change_that_does_not_come_again_is_no_whole_answer(files: Repo) -> None:
    torn = BOTH[: BOTH.index("+changed 40")]
    provider = Conversing([Say(torn, "lost"), Say("That was all.\n")])
    log = talk(files, provider).run(accepted_at_end())
    assert log.one(facts.StreamFinished).truncated
    assert "did not come again" in log.of(facts.Notice)[-1].text


def test_it_is_asked_for_three_times_and_no_more(files: Repo) -> None:
    provider = Conversing([Say("x\n", "lost")] * 9)
    log = talk(files, provider).run()
    assert len(provider.asked) == 4
    assert (log.one(facts.Failed).exit_code, log.one(facts.TurnEnded).reason) == (3, "failed")


def test_an_answer_at_its_greatest_length_goes_on(files: Repo) -> None:
    provider = Conversing([Say(FIRST, "length"), Say(SECOND)])
    talk(files, provider).run(accepted_at_end())
    assert files.text("a.txt") == changed(A, 5, 40)


# -- limits ----------------------------------------------------------------------------------------


def limited(**limits: float) -> Setup:
    known = {"house/one": Model("one", prices=Prices(1.0, 10.0))}
    return Setup(House({}, known), replace(TurnLimits(), **limits))  # type: ignore[arg-type]


def test_the_limit_on_tokens_ends_the_turn_and_keeps_whole_changes(files: Repo) -> None:
    provider = Conversing([Say(FIRST + "word " * 4 + ("\nmany more words " * 400))])
    log = talk(files, provider, limited(max_tokens=200)).run(accepted_at_end())
    assert provider.asked[0].max_output_tokens == 200
    failed = log.one(facts.Failed)
    assert (failed.code, failed.exit_code) == ("limit_reached", 6)
    assert "--max-tokens" in failed.title
    assert files.text("a.txt") == changed(A, 5)


def test_the_servers_end_at_that_limit_is_the_same(files: Repo) -> None:
    counted = Counted(100, 200)
    provider = Conversing([Say(FIRST, "length", counted=counted)])
    log = talk(files, provider, limited(max_tokens=200)).run(accepted_at_end())
    assert log.one(facts.Failed).exit_code == 6
    assert len(provider.asked) == 1


def test_the_limit_on_cost_counts_what_is_known_and_what_streams(files: Repo) -> None:
    provider = Conversing([Say("word " * 40 + "\n" + "some more words here\n" * 500)])
    log = talk(files, provider, limited(max_cost_usd=0.01)).run()
    assert (log.one(facts.Failed).exit_code, len(provider.asked)) == (6, 1)


def test_a_limit_on_an_unknown_cost_is_refused_before_anything_is_sent(files: Repo) -> None:
    provider = Conversing([Say("x\n")])
    setup = Setup(House({}), TurnLimits(max_cost_usd=1.0))
    log = talk(files, provider, setup).run()
    assert (log.one(facts.Failed).exit_code, provider.asked) == (2, [])


def test_the_limit_on_time_ends_a_silent_stream(files: Repo) -> None:
    provider = Conversing([Say(FIRST, hangs=True)])
    log = talk(files, provider, limited(timeout_s=5.0)).run(accepted_at_end())
    assert (log.one(facts.Failed).exit_code, provider.asked[0].total_s) == (6, 5.0)
    assert files.text("a.txt") == changed(A, 5)


def test_usage_says_what_it_cost_and_how_full_the_window_is(files: Repo) -> None:
    known = {"house/one": Model("one", window=10_000, prices=Prices(2.0, 10.0, 0.5))}
    provider = Conversing([Say("x\n", counted=Counted(1000, 50, 400))])
    log = talk(files, provider, Setup(House({}, known))).run()
    usage = log.one(facts.Usage)
    assert usage.cost_usd == pytest.approx((600 * 2 + 400 * 0.5 + 50 * 10) / 1e6)
    assert usage.window == 10_000
    assert log.one(facts.ContextChosen).window == 10_000


@pytest.mark.parametrize("edit_format", EDIT_FORMATS)
def test_a_model_is_told_the_form_that_it_is_best_at(files: Repo, edit_format: EditFormat) -> None:
    """A whole file is predicted as it is, for an answer that repeats most of it."""
    marks = {"unified": "@@", "envelope": "*** Begin", "search": "<<<<<<< SEARCH", "whole": "PATH"}
    known = {"house/one": Model("one", edit_format=edit_format)}
    provider = Conversing([Say("Hm.\n"), Say("Hm.\n")])
    talk(files, provider, Setup(House({}, known))).run(prompts=("say yes in @a.txt", "and then?"))
    asked, then = provider.asked
    assert marks[edit_format] in asked.instructions
    assert asked.prediction == (f"a.txt\n```\n{A}```" if edit_format == "whole" else "")
    assert then.prediction == ""


# -- steering --------------------------------------------------------------------------------------


def test_steering_begins_anew_where_the_model_cannot_listen(files: Repo) -> None:
    provider = Conversing([Say(FIRST + "so much\n", hangs=True), Say(SECOND)])
    log = talk(files, provider).run(
        when(
            facts.ChangeClosed,
            lambda e, s: commands.Steer("line 40, too") if e.change == "c1" else None,
        ),
        accepted_at_end(),
    )
    rest = provider.said(1)[-1][1]
    assert rest.startswith("The person has stopped your answer to say this:\nline 40, too\n")
    assert files.text("a.txt") == changed(A, 5, 40)
    assert not log.one(facts.StreamFinished).truncated


def _first(command: Command) -> Callable[[facts.ChangeClosed, Log], Command | None]:
    return lambda event, log: command if event.change == "c1" else None


def test_steering_tells_a_model_that_listens(files: Repo) -> None:
    can = Capabilities(converses=True, steers=True)
    provider = Conversing([Say(BOTH + "and so on\n" * 5)], capabilities=can)
    told: list[Event] = []

    def once(event: facts.ChangeClosed, log: Log) -> commands.Steer | None:
        told.append(event)
        return commands.Steer("shorter") if len(told) == 1 else None

    talk(files, provider).run(when(facts.ChangeClosed, once), accepted_at_end())
    assert (provider.told, len(provider.asked)) == (["shorter"], 1)


def test_only_a_rejection_with_a_reason_steers(files: Repo) -> None:
    def act(event: facts.ChangeClosed, log: Log) -> commands.Decide | None:
        reason = {"c1": "", "c2": "not there"}.get(event.change)
        return None if reason is None else reject(log.change(event.change).choice, reason=reason)

    three = patch("a.txt", A, changed(A, 5, 20, 40)) + "and more\n" * 50
    provider = Conversing([Say(three), Say("Understood.\n")])
    log = talk(files, provider).run(when(facts.ChangeClosed, act), accepted_at_end())
    assert len(provider.asked) == 2
    assert "Rejected in a.txt: not there" in provider.said(1)[-1][1]
    assert log.states()["c1"] == log.states()["c2"] == "rejected"


def test_there_is_nothing_to_steer_when_nothing_streams(files: Repo) -> None:
    provider = Conversing([Say("x\n")])
    log = talk(files, provider).run(when(facts.TurnEnded, _steer_once()))
    assert log.of(facts.Notice)[-1].text.startswith("nothing streams")


def _steer_once() -> Callable[[facts.TurnEnded, Log], list[Command] | None]:
    left: list[list[Command]] = [[commands.Steer("x"), commands.Close()]]
    return lambda event, log: left.pop() if left else None


# -- windows ---------------------------------------------------------------------------------------


def test_a_request_that_is_too_long_is_made_shorter_once(files: Repo) -> None:
    too_long = ContextTooLong("the request does not fit")
    provider = Conversing([Say("First.\n"), Say(fails=too_long), Say("Second.\n")])
    log = talk(files, provider).run(prompts=("change a.txt and helper()", "and more in a.txt"))
    assert len(provider.asked) == 3
    assert provider.said(2)[0][1].startswith("What was said and done up to now:\n\nThe person: ")
    assert "less is sent now" in log.of(facts.Notice)[0].text
    assert log.of(facts.Failed) == []


def test_a_second_refusal_ends_the_turn(files: Repo) -> None:
    provider = Conversing([Say(fails=ContextTooLong("too long"))] * 3)
    log = talk(files, provider).run()
    assert (len(provider.asked), log.one(facts.Failed).code) == (2, "context_too_long")


def test_a_long_conversation_is_summed_up_by_the_model_and_announced(files: Repo) -> None:
    can = Capabilities(converses=True, window=2500)
    long = "many words were said here\n" * 500
    provider = Conversing([Say(long), Say("They want X."), Say("Fine.\n")], capabilities=can)
    log = talk(files, provider).run(prompts=("one", "two"))
    assert provider.said(1)[-1][1].startswith("Summarise this conversation")
    assert provider.said(2)[0] == ("user", "What was said and done up to now:\n\nThey want X.")
    assert provider.said(2)[1][1].endswith("The prompt:\ntwo")
    assert [n.text.partition(" ")[0] for n in log.of(facts.Notice)] == ["the", "a"]
    prose = "".join(e.text for e in log.of(facts.ProseDelta))
    assert "They want X" not in prose


def test_without_a_summary_a_short_form_is_made_by_rule(files: Repo) -> None:
    can = Capabilities(converses=True, window=2500)
    lost = Say("half", fails=ProviderError("gone"))
    answers = [Say("many words were said here\n" * 500), lost, Say("Fine.\n")]
    provider = Conversing(answers, capabilities=can)
    log = talk(files, provider).run(prompts=("one", "two"))
    assert "The person: one\n\nYou: many" in provider.said(2)[0][1]
    assert log.of(facts.Failed) == []


# -- other models ----------------------------------------------------------------------------------

GONE = ModelGone("the model one is retired", next_step="Choose another.")


def two() -> tuple[Conversing, Conversing, Setup]:
    one = Conversing([Say(fails=GONE)])
    other = Conversing([Say(FIRST)], name="house/two")
    return one, other, Setup(House({"house/one": one, "house/two": other}))


def test_a_model_that_is_gone_is_replaced_with_one_key(files: Repo) -> None:
    one, other, setup = two()
    log = talk(files, one, setup).run(
        when(facts.Asked, lambda e, s: commands.Answer(e.question, 0)),
        accepted_at_end(),
    )
    asked = log.one(facts.Asked)
    assert asked.options == ("house/two",)
    assert asked.text == "the model one is retired. Go on with another model?"
    assert log.one(facts.ModelChosen).provider == "house/two"
    assert other.asked[0].items == one.asked[0].items
    assert (one.closed, files.text("a.txt")) == (1, changed(A, 5))


def test_without_an_answer_it_says_the_exact_option(files: Repo) -> None:
    one, _, setup = two()
    log = talk(files, one, setup).run(
        when(facts.Asked, lambda e, s: commands.Answer(e.question, None))
    )
    failed = log.one(facts.Failed)
    assert (failed.exit_code, failed.next_step) == (3, "Use --model house/two")


def test_a_person_can_choose_another_model_between_turns(files: Repo) -> None:
    one = Conversing([Say("One.\n")])
    other = Conversing([Say("Two.\n")], name="house/two")
    setup = Setup(House({"house/one": one, "house/two": other}))
    switches: list[list[Command]] = [[commands.SwitchModel("house/two"), commands.Prompt("two")]]
    log = talk(files, one, setup).run(
        when(facts.TurnEnded, lambda e, s: switches.pop() if switches else None), prompts=("one",)
    )
    assert log.one(facts.ModelChosen) == facts.ModelChosen("house/two")
    assert [text for _, text in other.said()][1] == "One.\n"


def test_another_server_is_not_sent_what_only_the_first_understands(files: Repo) -> None:
    items = (Opaque('{"type":"reasoning"}'), Message("assistant", "Hm.\n"))
    one = Conversing([Say("Hm.\n", before=tuple(ItemDone(item) for item in items))])
    other = Conversing([Say("Two.\n")], name="house/two")
    setup = Setup(House({"house/one": one, "house/two": other}))
    switches: list[list[Command]] = [[commands.SwitchModel("house/two"), commands.Prompt("two")]]
    talk(files, one, setup).run(
        when(facts.TurnEnded, lambda e, s: switches.pop() if switches else None), prompts=("one",)
    )
    assert other.asked[0].items[1] == items[1]
    assert not any(isinstance(item, Opaque) for item in other.asked[0].items)


def test_a_wrong_key_is_no_reason_to_ask_for_another_model(files: Repo) -> None:
    one = Conversing([Say(fails=KeyMissing("the key is not valid"))])
    log = talk(files, one, Setup(House({"house/one": one, "house/two": one}))).run()
    assert (log.one(facts.Failed).exit_code, log.of(facts.Asked)) == (4, [])


def test_a_prompt_that_nobody_answered_leaves_no_trace(files: Repo) -> None:
    provider = Conversing([Say(fails=ProviderError("no network")), Say("Yes.\n")])
    talk(files, provider).run(prompts=("one", "two"))
    assert [text.rpartition("\n")[2] for _, text in provider.said(1)] == ["two"]


def test_reasoning_is_shown_and_is_no_part_of_the_answer(files: Repo) -> None:
    provider = Conversing([Say("Yes.\n", before=(ReasoningDelta("Hm"),)), Say("No.\n")])
    log = talk(files, provider).run(prompts=("one", "two"))
    assert log.one(facts.ReasoningDelta).text == "Hm"
    assert provider.said(1)[1] == ("assistant", "Yes.\n")


def test_bytes_that_are_not_utf8_are_sent_as_valid_text(files: Repo) -> None:
    provider = Conversing([Say("Yes.\n")])
    talk(files, provider).run(prompts=("what is \udce9?",))
    assert provider.said()[0][1].endswith("The prompt:\nwhat is \ufffd\ufffd\ufffd?")
    provider.said()[0][1].encode()


def test_the_time_in_which_a_person_thinks_is_not_the_streams(files: Repo) -> None:
    question = Question("q", "Which?", ("a", "b"))
    provider = Conversing(
        [Say("x\n", "question", before=(question,)), Say(FIRST)],
    )

    def later(event: facts.Asked, log: Log) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(100.0, lambda: sessions[0].send(commands.Answer("q", 0)))

    sessions: list[Session] = []
    made = talk(files, provider, limited(timeout_s=5.0))
    made.opened = sessions.append
    log = made.run(when(facts.Asked, later), accepted_at_end())
    assert log.of(facts.Failed) == []
    assert files.text("a.txt") == changed(A, 5)
