"""Guards in a session: told to the model, checked when a change closes."""

from __future__ import annotations

from dataclasses import replace

from codexspark_tui.events import facts
from codexspark_tui.events.commands import Close, Look
from codexspark_tui.providers.model import Capabilities
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.models import Setup
from codexspark_tui.session.resume import Past
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo
from tests.support.session import Hand, Log, Talk, patch


def test_model_is_told_the_rules_and_its_change_is_checked(repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    answer = Scripted(patch("b.py", "y = 1\n", "y = 2\n"))
    provider = ScriptedProvider((answer,), capabilities=Capabilities(converses=True))
    setup = Setup(rules=Rules(only=("a.py",), no_delete=True))
    log = Talk(repo, provider=provider, setup=setup).run(closing)
    said = provider.asked[0].instructions
    assert "- change nothing outside of a.py\n- delete no file" in said
    closed = log.one(facts.ChangeClosed)
    assert [(f.rule, f.lines) for f in closed.findings] == [("only", (0, 1))]
    assert repo.text("b.py") == "y = 1\n"


ROWS = [f"x{n} = {n}\n" for n in range(20)]
HALVES = (  # two hunks that take all lines away, each a half, without context
    "--- a/a.py\n+++ b/a.py\n@@ -1,10 +0,0 @@\n"
    + "".join(f"-{row}" for row in ROWS[:10])
    + "@@ -11,10 +0,0 @@\n"
    + "".join(f"-{row}" for row in ROWS[10:])
)
REFILLED = HALVES + "@@ -20,0 +1 @@\n+y = 1\n"


def test_hunks_that_empty_a_file_together_break_the_rule(repo: Repo) -> None:
    repo.commit({"a.py": "".join(ROWS)})
    rules = Setup(rules=Rules(no_delete=True, syntax=True))
    log = Talk(repo, [HALVES], setup=rules).run(closing)
    found = [[f.rule for f in closed.findings] for closed in log.of(facts.ChangeClosed)]
    assert found == [[], ["no_delete"]]
    filled = Talk(repo, [REFILLED], setup=rules, id="t").run(closing)
    assert [c.state for c in filled.of(facts.ChangeClosed)] == ["placed"] * 3
    last = [moved.findings for moved in filled.of(facts.ChangeMoved)][-1:]
    assert last == [()]


def test_what_another_file_imports_is_no_new_dependency(repo: Repo) -> None:
    repo.commit({"a.py": "import flask\n", "b.py": "x = 1\n", "notes.md": "import django\n"})
    rules = Setup(rules=Rules(no_new_deps=True))
    for name, found in (("flask", []), ("django", ["no_new_deps"])):
        answer = patch("b.py", "x = 1\n", f"import {name}\nx = 1\n")
        log = Talk(repo, [answer], setup=rules, id=name).run(closing)
        assert [f.rule for f in log.one(facts.ChangeClosed).findings] == found


def test_change_of_an_earlier_run_is_judged_by_the_rules_of_this_one(repo: Repo) -> None:
    """Somebody edits its file, so it is placed anew; a finding keeps it from being taken."""
    repo.commit({"a.py": "x = 1\n", "b.py": "y = 1\n"})

    async def taken_up(past: Past, setup: Setup) -> None:
        workspace = Workspace.open(repo.root)
        at = Hand(Session("s", workspace, ScriptedProvider(()), None, setup, past))
        await at.do()
        repo.write({"b.py": "z = 1\ny = 1\n"})
        await at.do(Look())
        await at.do()
        await at.close()
        workspace.close()

    for only, text in (("a.py", "z = 1\ny = 1\n"), ("b.py", "z = 1\ny = 2\n")):
        repo.write({"b.py": "y = 1\n"})
        setup = Setup(rules=Rules(only=(only,)), mode="auto-edit")
        first = Talk(repo, [patch("b.py", "y = 1\n", "y = 2\n")], setup=setup).run(closing)
        clock.run(taken_up(Past.of(first.events), replace(setup, exact_at_once=True)))
        assert repo.text("b.py") == text


def closing(event: facts.Event, _: Log) -> Close | None:
    return Close() if isinstance(event, facts.StreamFinished) else None
