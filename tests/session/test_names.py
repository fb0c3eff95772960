"""Names that a patch takes from one file and gives to another, and links that are changed as such.

The patches are git's own, and what they come to is compared with git's tree.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codexspark_tui.actions.export import net_changes
from codexspark_tui.actions.export import patch_of as exported
from codexspark_tui.events import commands, facts
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch import render
from codexspark_tui.providers.scripted import ScriptedProvider
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.models import Setup
from codexspark_tui.session.resume import Past
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import Hand, Log, Talk, accept, hand, reject, streamed

Tree = dict[str, str]
TEXTS = {name: "".join(f"{name} says {n * n}\n" for n in range(40)) for name in "abc"}


def tree(root: Path) -> Tree:
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file() and ".git" not in path.parts:
            executable = "#!" if path.stat().st_mode & 0o100 else ""
            found[name] = executable + path.read_text()
    return found


@pytest.fixture
def there(repo: Repo) -> Repo:
    """Three files, and two links to two of them."""
    repo.write({f"{name}.txt": text for name, text in TEXTS.items()})
    (repo.root / "link").symlink_to("a.txt")
    (repo.root / "other").symlink_to("b.txt")
    repo.commit({})
    return repo


def leads(root: Path, name: str, to: str) -> None:
    (root / name).unlink(missing_ok=True)
    (root / name).symlink_to(to)


def holds(root: Path, name: str, text: str) -> None:
    (root / name).unlink(missing_ok=True)
    (root / name).write_text(text)


def rename(root: Path, *moves: tuple[str, str]) -> None:
    """All at once."""
    for old, new in moves:
        (root / old).rename(root / f"{new}.moving")
    for _, new in moves:
        (root / f"{new}.moving").rename(root / new)


def edit(root: Path, name: str) -> None:
    path = root / name
    path.write_text(path.read_text().replace("says 25\n", "says nothing\n"))


def exchange(root: Path) -> None:
    rename(root, ("a.txt", "b.txt"), ("b.txt", "a.txt"))


def exchange_and_edit(root: Path) -> None:
    exchange(root)
    edit(root, "a.txt")
    edit(root, "b.txt")


def a_ring(root: Path) -> None:
    rename(root, ("a.txt", "b.txt"), ("b.txt", "c.txt"), ("c.txt", "a.txt"))
    edit(root, "c.txt")


def a_chain(root: Path) -> None:
    rename(root, ("a.txt", "b.txt"), ("b.txt", "d.txt"))
    edit(root, "b.txt")
    edit(root, "d.txt")


def a_link_and_what_it_leads_to(root: Path) -> None:
    rename(root, ("link", "c.txt"), ("c.txt", "link"))
    edit(root, "a.txt")


def a_file_takes_the_name_of_its_link(root: Path) -> None:
    rename(root, ("link", "renamed"), ("a.txt", "link"))
    edit(root, "link")


def a_copy_of_what_changes(root: Path) -> None:
    (root / "copy.txt").write_text(TEXTS["b"])
    edit(root, "b.txt")
    (root / "b.txt").chmod(0o755)


def a_copy_of_what_becomes_a_link(root: Path) -> None:
    (root / "another.txt").write_text(TEXTS["b"])
    leads(root, "b.txt", "c.txt")


def everything(root: Path) -> None:
    a_chain(root)
    rename(root, ("link", "renamed"))
    leads(root, "other", "c.txt")
    leads(root, "c.txt", "d.txt")


Act = Callable[[Path], None]
ACTS: dict[str, Act] = {
    "a file becomes a link": lambda root: leads(root, "a.txt", "b.txt"),
    "a link becomes a file": lambda root: holds(root, "link", "own text\n"),
    "a link leads elsewhere": lambda root: leads(root, "link", "c.txt"),
    "a link leads nowhere": lambda root: leads(root, "link", "nowhere"),
    "a link is renamed": lambda root: rename(root, ("link", "d/../renamed")),
    "a link goes": lambda root: (root / "link").unlink(),
    "links are exchanged": lambda root: rename(root, ("link", "other"), ("other", "link")),
    "a link and a file are exchanged": lambda r: rename(r, ("link", "b.txt"), ("b.txt", "link")),
    "files are exchanged": exchange,
    "files are exchanged and edited": exchange_and_edit,
    "three files go round": a_ring,
    "a chain": a_chain,
    "a link and what it leads to": a_link_and_what_it_leads_to,
    "a file takes the name of its link": a_file_takes_the_name_of_its_link,
    "a copy of what changes": a_copy_of_what_changes,
    "a copy of what becomes a link": a_copy_of_what_becomes_a_link,
    "all of it": everything,
}


def patch_of(repo: Repo, act: Act) -> tuple[str, Tree]:
    """What git says of it, and the tree that it comes to; the tree is as before."""
    (repo.root / "d").mkdir(exist_ok=True)
    act(repo.root)
    (repo.root / "d").rmdir()
    repo.git("add", "-A")
    found = tree(repo.root)
    patch = repo.git("diff", "--cached", "-M", "-B", "-C", "HEAD").decode()
    repo.git("reset", "-q", "--hard")
    return patch, found


def reversed_sections(patch: str) -> str:
    sections = patch.split("diff --git ")[1:]
    return "".join(f"diff --git {section}" for section in reversed(sections))


def all_placed(log: Log) -> commands.Decide:
    return accept(*log.choices())


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "last first"])
@pytest.mark.parametrize("name", ACTS)
def test_comes_to_what_git_says_and_back_and_on_again(there: Repo, name: str, turned: bool) -> None:
    before = tree(there.root)
    patch, wanted = patch_of(there, ACTS[name])
    untouched = Untouched.of(there.root)
    assert wanted != before
    states: list[Tree] = []
    printed: list[str] = []

    async def run() -> None:
        at = hand(there, reversed_sections(patch) if turned else patch)
        await at.until(facts.StreamFinished)
        undo, redo = commands.Undo(""), commands.Redo("")
        for told in (accept(*at.log.choices()), undo, redo, undo):
            await at.do(told)
            states.append(tree(there.root))
            if told == redo:
                printed.append(exported(net_changes(Workspace.open(there.root), [])))
        seen = at.log.tally.changes.values()
        printed.append(render([to_resolved(one.view) for one in seen if one.view is not None]))
        assert [e.why for e in at.log.of(facts.DecisionRefused)] == []
        await at.close()

    clock.run(run())
    assert states == [wanted, before, wanted, before]
    untouched.check(touched=wanted.keys() | before.keys())
    for text in printed:
        there.git("apply", stdin=text.encode())
        assert tree(there.root) == wanted
        there.git("reset", "-q", "--hard")
        there.git("clean", "-fdq")


@pytest.mark.parametrize("name", ["files are exchanged and edited", "all of it", "a ring"])
def test_one_change_takes_with_it_what_it_cannot_do_without(there: Repo, name: str) -> None:
    """Taking any single one never leaves a file without a name, nor two with one."""
    act = {**ACTS, "a ring": a_ring}[name]
    patch, _ = patch_of(there, act)
    before = tree(there.root)

    async def run(id: str) -> bool:
        """Take this one alone and give it back; whether there is one more after it."""
        at = hand(there, patch, id=f"s{id}")
        await at.until(facts.StreamFinished)
        assert set(at.log.states().values()) == {"placed"}
        await at.do(accept(*at.log.choices(id)))
        assert at.log.change(id).state == "written"
        now = tree(there.root)
        assert now != before
        removed = "c" if now.get("c.txt", "->").startswith("->") else ""
        assert {text[0] for text in now.values() if " says " in text} == {*"abc"} - {removed}
        await at.do(commands.Undo(""))
        assert at.log.of(facts.UndoConflict) == []
        assert tree(there.root) == before
        await at.close()
        return id != list(at.log.tally.changes)[-1]

    number = 1
    while clock.run(run(f"c{number}")):
        number += 1


def test_what_waits_for_a_name_is_shown_as_refused_until_that_name_is_free(there: Repo) -> None:
    patch, wanted = patch_of(there, a_chain)
    log = Talk(there, [patch]).run(streamed(all_placed))
    closed = {e.change: e for e in log.of(facts.ChangeClosed)}
    first = closed["c1"]
    assert (first.state, first.placement) == (
        "refused",
        facts.NotPlacedAt("b.txt exists already"),
    )
    moved = {e.change: e for e in log.of(facts.ChangeMoved)}
    assert {id: e.state for id, e in moved.items()} == {"c1": "placed", "c2": "placed"}
    assert moved["c1"].needs == ("c3",)
    assert moved["c2"].needs == ("c1",)
    assert tree(there.root) == wanted


def test_rejecting_one_of_a_ring_rejects_all_and_reopening_one_brings_all_back(
    there: Repo,
) -> None:
    patch, wanted = patch_of(there, a_ring)

    async def run() -> None:
        at = hand(there, patch)
        await at.until(facts.StreamFinished)
        ids = list(at.log.tally.changes)
        renames = [id for id in ids if at.log.change(id).kind == "rename"]
        assert len(renames) == 3
        await at.do(reject(*at.log.choices(renames[1])))
        assert set(at.log.states().values()) == {"rejected"}
        await at.do(commands.Reopen(renames[2]))
        assert [at.log.change(id).state for id in renames] == ["placed"] * 3
        for id in ids:
            if id not in renames:
                await at.do(commands.Reopen(id))
        await at.do(accept(*at.log.choices()))
        assert set(at.log.states().values()) == {"written"}
        await at.close()

    clock.run(run())
    assert tree(there.root) == wanted


def test_a_session_that_is_taken_up_again_still_knows_who_makes_way(there: Repo) -> None:
    patch, wanted = patch_of(there, everything)

    async def run() -> None:
        first = hand(there, patch)
        await first.until(facts.StreamFinished)
        await first.close()
        workspace, past = Workspace.open(there.root), Past.of(first.log.events)
        at = Hand(Session("s", workspace, ScriptedProvider(()), None, past=past))
        told = await at.do()
        assert [e for e in told if isinstance(e, facts.ChangeStale)] == []
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    assert tree(there.root) == wanted


@pytest.mark.parametrize("to", ["/etc/passwd", "../outside", ".git/config"])
def test_no_patch_makes_a_link_lead_out_of_the_repository(there: Repo, to: str) -> None:

    async def run(patch: str) -> str:
        before = Untouched.of(there.root)
        at = hand(there, patch)
        await at.until(facts.StreamFinished)
        await at.do(accept(*at.log.choices()))
        before.check()
        (refused,) = at.log.of(facts.DecisionRefused)
        await at.close()
        return refused.why

    for name in ("link", "a.txt"):
        patch, _ = patch_of(there, lambda root, name=name: leads(root, name, to))  # type: ignore[misc]
        assert "the symbolic link would lead" in clock.run(run(patch))
    (there.root / "deep").mkdir()
    leads(there.root, "deep/link", "../a.txt")
    there.commit({})
    patch, _ = patch_of(there, lambda root: rename(root, ("deep/link", "up")))
    assert "the symbolic link would lead" in clock.run(run(patch))


def test_text_that_looks_like_where_a_link_leads_is_still_of_the_file(there: Repo) -> None:
    """The file behind the link has its own line of that text; only git's sign of no end, or a
    file without such a line, makes the hunk one of the link."""
    there.commit({"a.txt": "a.txt\nmore\n"})
    hunk = "--- a/link\n+++ b/link\n@@ -1 +1 @@\n-a.txt\n+c.txt\n"
    before = tree(there.root)
    log = Talk(there, [hunk]).run(streamed(all_placed))
    assert log.states() == {"c1": "written"}
    assert tree(there.root) == {**before, "a.txt": "c.txt\nmore\n"}


def test_where_a_link_leads_is_not_checked_as_source(there: Repo) -> None:
    """`x.py` may be a link to a name that is no Python."""
    leads(there.root, "x.py", "a.txt")
    there.commit({"no python.txt": "1\n"})
    patch, wanted = patch_of(there, lambda root: leads(root, "x.py", "no python.txt"))
    setup = Setup(rules=Rules(syntax=True))
    log = Talk(there, [patch], setup=setup).run(streamed(all_placed))
    assert (log.states(), log.change("c1").findings) == ({"c1": "written"}, ())
    assert tree(there.root) == wanted
