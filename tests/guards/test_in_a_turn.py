"""Guards in a session: told to the model, checked when a change closes."""

from __future__ import annotations

from codexspark_tui.events import facts
from codexspark_tui.events.commands import Close
from codexspark_tui.providers.model import Capabilities
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.models import Setup
from tests.support.repo import Repo
from tests.support.session import Log, Talk, patch


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


def closing(event: facts.Event, _: Log) -> Close | None:
    return Close() if isinstance(event, facts.StreamFinished) else None
