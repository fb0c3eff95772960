"""Every form in which a model gives changes becomes changes of a turn, in text and in calls."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.events import facts
from codexspark_tui.providers.free_text import Arguments
from codexspark_tui.providers.model import (
    ItemDone,
    ModelEvent,
    Opaque,
    ToolCall,
    ToolDelta,
    ToolOutput,
)
from tests.support.converse import Conversing, Say
from tests.support.repo import Repo
from tests.support.session import Log, Talk, accept, streamed

A = "import os\n\n\ndef load(path):\n    return open(path).read()\n\n\ndef save(path):\n    pass\n"
AFTER = A.replace("    pass", "    os.remove(path)")
ENVELOPE = (
    "*** Begin Patch\n*** Update File: a.py\n@@ def save(path):\n-    pass\n+    os.remove(path)\n"
    "*** Add File: new.py\n+x = 1\n*** End Patch\n"
)
BODY = "@@ def save(path):\n-    pass\n+    os.remove(path)\n"
FORMATS = {
    "unified": (
        "--- a/a.py\n+++ b/a.py\n@@ -8,2 +8,2 @@\n def save(path):\n-    pass\n"
        "+    os.remove(path)\n"
        "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x = 1\n"
    ),
    "git": (
        "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ ... @@\n"
        " def save(path):\n-    pass\n+    os.remove(path)\n"
        "diff --git a/new.py b/new.py\nnew file mode 100644\n--- /dev/null\n+++ b/new.py\n"
        "@@ -0,0 +1 @@\n+x = 1\n"
    ),
    "envelope": ENVELOPE,
    "search": (
        "a.py\n<<<<<<< SEARCH\n    pass\n=======\n    os.remove(path)\n>>>>>>> REPLACE\n\n"
        "new.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n"
    ),
    "whole": f"`a.py`\n```python\n{AFTER}```\n\n`new.py`\n```python\nx = 1\n```\n",
}


@pytest.fixture
def files(repo: Repo) -> Repo:
    repo.commit({"a.py": A})
    return repo


def text(repo: Repo, path: str) -> str:
    return repo.read(path).decode()


def answered(repo: Repo, *events: ModelEvent, said: str = "") -> Log:
    """The log of a turn whose answer is these events and this text, all of it accepted."""
    talk = Talk(repo, provider=Conversing([Say(said, before=events)]))
    return talk.run(streamed(lambda log: accept(*log.choices())))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("fenced", [False, True])
def test_each_form_changes_one_file_and_makes_another(files: Repo, form: str, fenced: bool) -> None:
    patch = FORMATS[form]
    said = f"I will do it.\n\n```diff\n{patch}```\n" if fenced and form != "whole" else patch
    log = answered(files, said=f"{said}\nDone.\n")
    assert [event.kind for event in log.of(facts.ChangeOpened)] == ["hunk", "create"]
    assert (text(files, "a.py"), text(files, "new.py")) == (AFTER, "x = 1\n")


def test_code_that_is_only_shown_changes_nothing(files: Repo) -> None:
    part = "a.py\n```python\ndef save(path):\n    pass\n```\n"
    shown = f"So it is in a.py now:\n```python\n{A}```\n\n{part}"
    log = answered(files, said=f"{shown}Call it so:\n```bash\npython a.py\n```\n")
    assert log.of(facts.ChangeOpened) == []
    assert "def save(path):" in "".join(event.text for event in log.of(facts.ProseDelta))


def hosted(kind: str, path: str, diff: str = "", id: str = "h1") -> ItemDone:
    operation = {"type": kind, "path": path, "diff": diff}
    told = {"type": "apply_patch_call", "call_id": id, "operation": operation}
    return ItemDone(Opaque(json.dumps(told)))


def test_the_servers_own_patch_items_are_changes(files: Repo) -> None:
    files.commit({"old.py": "gone\n"})
    answered(
        files,
        hosted("update_file", "a.py", BODY),
        hosted("create_file", "new.py", "+x = 1\n", "h2"),
        hosted("delete_file", "old.py", id="h3"),
    )
    assert (text(files, "a.py"), text(files, "new.py")) == (AFTER, "x = 1\n")
    assert not (files.root / "old.py").exists()


@pytest.mark.parametrize("path", ["../out.py", "/etc/passwd", ".git/config", "a\n+++ b/b", ""])
@pytest.mark.parametrize("kind", ["create_file", "delete_file", "update_file"])
def test_a_hostile_name_in_an_item_is_refused(files: Repo, kind: str, path: str) -> None:
    log = answered(files, hosted(kind, path, "+x\n"))
    assert {seen.state for seen in log.tally.changes.values()} <= {"refused"}
    assert text(files, "a.py") == A


@pytest.mark.parametrize(
    "call",
    [
        ToolCall("t1", "apply_patch", ENVELOPE, free=True),
        ToolCall("t1", "apply_patch", json.dumps({"input": ENVELOPE})),
        ToolCall("t1", "apply_patch", json.dumps({"why": 'the "input":', "patch": ENVELOPE})),
        ToolCall("t1", "apply_patch", json.dumps({"input": FORMATS["git"]})),
    ],
)
@pytest.mark.parametrize("size", [0, 1, 7])
def test_a_patch_in_a_call_is_shown_while_it_is_written(
    files: Repo, call: ToolCall, size: int
) -> None:
    said = call.arguments
    pieces = [said[at : at + size] for at in range(0, len(said), size)] if size else []
    deltas = [ToolDelta("t1", "apply_patch", piece) for piece in pieces]
    provider = Conversing([Say(before=(*deltas, ItemDone(call))), Say("So it is.\n")])
    rule = streamed(lambda log: accept(*log.choices()))
    log = Talk(files, provider=provider).run(rule, prompts=("do it", "and now?"))
    assert [event.kind for event in log.of(facts.ChangeOpened)] == ["hunk", "create"]
    assert text(files, "a.py") == AFTER
    assert [item for item in provider.asked[1].items if isinstance(item, ToolOutput)] == [
        ToolOutput(
            "t1", "The changes are shown to the person, who decides on each of them.", call.free
        )
    ]


def test_a_call_that_is_never_whole_leaves_its_last_change_torn(files: Repo) -> None:
    delta = ToolDelta("t1", "apply_patch", ENVELOPE.partition("+    os")[0] + "+    os.re\n")
    log = answered(files, delta)
    assert log.states() == {"c1": "refused"}
    assert text(files, "a.py") == A


def test_a_call_without_a_patch_is_named(files: Repo) -> None:
    log = answered(files, ItemDone(ToolCall("t1", "apply_patch", '{"input": "do it"}')))
    placement = log.one(facts.ChangeClosed).placement
    assert isinstance(placement, facts.NotPlacedAt)
    assert placement.why == "The call holds no patch that could be read."


def test_calls_of_other_tools_are_no_patches(files: Repo) -> None:
    call = ToolCall("t1", "run", ENVELOPE, free=True)
    log = answered(files, ToolDelta("t1", "run", ENVELOPE), ItemDone(call), hosted("x", "y", "z"))
    assert [event.kind for event in log.of(facts.ChangeOpened)] == ["hunk"]


@settings(max_examples=150, deadline=None)
@given(st.text(), st.lists(st.integers(0, 400), max_size=12).map(sorted), st.booleans())
def test_arguments_are_read_alike_wherever_they_are_cut(
    text: str, cuts: list[int], ascii: bool
) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    said = json.dumps({"input": text}, ensure_ascii=ascii)
    arguments = Arguments()
    pieces = [said[a:b] for a, b in pairwise([0, *cuts, max(len(said), 400)])]
    assert "".join(arguments.more(piece) for piece in pieces) == text
    assert arguments.whole
