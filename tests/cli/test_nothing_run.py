"""No program that a repository names is run by any command, and nothing of git's is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.git import run_git
from tests.support.patches import many_hunks, numbered
from tests.support.repo import Repo, Untouched
from tests.support.spark import run

TEXT = numbered(40)
CODE = "import os\nimport sys\n\nprint(sys.path)\n"
HOOKS = (
    *("applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout"),
    *("post-commit", "post-index-change", "post-merge", "post-rewrite", "pre-applypatch"),
    *("pre-auto-gc", "pre-commit", "pre-merge-commit", "pre-push", "pre-rebase"),
    *("prepare-commit-msg", "reference-transaction", "sendemail-validate", "update"),
)
SETTINGS = (
    *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass"),
    *("core.gitProxy", "core.alternateRefsCommand", "diff.external", "diff.evil.textconv"),
    *("diff.evil.command", "merge.evil.driver", "filter.evil.clean", "filter.evil.smudge"),
    *("filter.evil.process", "gpg.program", "gpg.ssh.program", "sequence.editor", "pager.log"),
    *("pager.diff", "interactive.diffFilter", "credential.helper", "uploadpack.packObjectsHook"),
)


@pytest.fixture
def planted(repo: Repo, tmp_path: Path) -> Repo:
    """Every hook, filter, driver, pager, editor, helper and alias leaves a mark when it is run."""
    repo.commit({"a.txt": TEXT, "m.py": CODE})
    evil = tmp_path / "evil.sh"
    evil.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/marks\ncat\n')
    evil.chmod(0o755)
    for name in HOOKS:
        (repo.root / ".git/hooks" / name).unlink(missing_ok=True)
        (repo.root / ".git/hooks" / name).symlink_to(evil)
    for key in SETTINGS:
        repo.git("config", key, str(evil))
    for command in ("rev-parse", "ls-files", "log", "cat-file", "update-index"):
        repo.git("config", f"alias.{command}", f"!{evil}")
    repo.git("config", "commit.gpgSign", "true")
    (repo.root / ".git/info/attributes").write_text("* diff=evil merge=evil filter=evil\n")
    (tmp_path / "marks").unlink(missing_ok=True)
    return repo


def test_no_command_runs_what_the_repository_names(planted: Repo, tmp_path: Path) -> None:
    before = Untouched.of(planted.root)
    (tmp_path / "marks").unlink(missing_ok=True)  # git status of the test runs filters
    patch = many_hunks("a.txt", TEXT, (10, 30)).encode()
    commands: tuple[tuple[tuple[str, ...], bytes], ...] = (
        (("apply",), patch),
        (("edit", "remove unused imports in m.py"), b""),
        (("edit", "--apply", "remove unused imports in m.py"), b""),
        (("undo", "1.1"), b""),
        (("redo",), b""),
        (("log", "--json"), b""),
        (("show", "1"), b""),
        (("blame", "a.txt"), b""),
        (("export", "1"), b""),
        (("doctor", "--repair"), b""),
        (("gc", "--dry-run"), b""),
        (("verify", "--check", "true"), b""),
        (("verify", "--check", "true", "--since", "HEAD"), b""),
        (("index", "TEXT"), b""),
    )
    for command, fed in commands:
        ran = run(*command, cwd=planted.root, stdin=fed)
        assert ran.code in (0, 1), (command, ran)
        assert not (tmp_path / "marks").exists(), command
    before.check(touched={"a.txt", "m.py"})
    (tmp_path / "marks").unlink(missing_ok=True)
    assert run("commit", "1", cwd=planted.root).code == 2
    (planted.root / ".git/info/attributes").write_text("* diff=evil merge=evil\n")
    assert run("commit", "1", cwd=planted.root).code == 0
    assert not (tmp_path / "marks").exists()


def test_no_filter_of_a_file_is_run_whatever_is_done_with_it(planted: Repo, tmp_path: Path) -> None:
    """A commit would need the filter, so it is refused."""
    (planted.root / ".git/info/attributes").write_text("* filter=evil diff=evil merge=evil ident\n")
    patch = many_hunks("a.txt", TEXT, (10, 30)).encode()
    for command, fed, code in (
        (("apply",), patch, 0),
        (("undo", "1.1"), b"", 0),
        (("redo",), b"", 0),
        (("edit", "remove unused imports in m.py"), b"", 0),
        (("blame", "a.txt"), b"", 0),
        (("export", "1"), b"", 0),
        (("doctor",), b"", 0),
        (("commit", "1"), b"", 2),
    ):
        ran = run(*command, cwd=planted.root, stdin=fed)
        assert ran.code == code, (command, ran)
        assert not (tmp_path / "marks").exists(), command


def _marks(tmp_path: Path) -> Path:
    """A program that leaves a mark."""
    evil = tmp_path / "evil.sh"
    evil.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/marks\ncat\n')
    evil.chmod(0o755)
    return evil


def _armed(folder: Path, files: dict[str, str | bytes], evil: Path) -> Repo:
    """A repository whose every setting leads to that program, with a file that has changed."""
    inner = Repo.make(folder, {**files, ".gitattributes": "* filter=evil diff=evil\n"})
    for key in SETTINGS:
        inner.git("config", key, str(evil))
    for name in HOOKS:
        (inner.root / ".git/hooks" / name).unlink(missing_ok=True)
        (inner.root / ".git/hooks" / name).symlink_to(evil)
    inner.write(dict.fromkeys(files, "changed\n"))
    return inner


DIFFS = 'tools = "text"\n[[answer]]\ntext = "Nothing."\n'


def test_nothing_that_a_submodule_names_is_run(repo: Repo, tmp_path: Path) -> None:
    """As a command in the sandbox could leave one in the place of another."""
    evil = _marks(tmp_path)
    _armed(repo.root / "sub", {"f.txt": TEXT}, evil)
    repo.write({"a.txt": TEXT, "m.py": CODE})
    repo.git("add", "a.txt", "m.py")
    head = repo.git("-C", "sub", "rev-parse", "HEAD").decode().strip()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    repo.git("commit", "-q", "-m", "with sub", "--no-verify")
    repo.write({"a.txt": TEXT.replace("line 5", "line five")})
    told = tmp_path / "script.toml"
    told.write_text(f'record = "asked.jsonl"\n{DIFFS}')
    for command in (
        ("edit", "what is new in @diff", "--provider", "script", "--script", str(told)),
        ("verify", "--check", "true", "--since", "HEAD"),
        ("verify", "--check", "true"),
        ("index", "TEXT"),
        ("edit", "--apply", "remove unused imports in m.py"),
        ("commit", "1"),
    ):
        (tmp_path / "marks").unlink(missing_ok=True)
        run(*command, cwd=repo.root)
        assert not (tmp_path / "marks").exists(), (command, (tmp_path / "marks").read_text())
    assert "line five" in (tmp_path / "asked.jsonl").read_text()


@pytest.mark.parametrize("protocol", ["ext", "file"])
def test_object_that_is_missing_is_not_fetched_by_a_program(
    repo: Repo, tmp_path: Path, protocol: str
) -> None:
    """A repository may say that the rest of it lies elsewhere, and what program brings it. Older
    versions of git do not know that they are not to fetch, so here none is told."""
    evil = _marks(tmp_path)
    repo.commit({"a.txt": TEXT})
    blob = repo.git("rev-parse", "HEAD:a.txt").decode().strip()
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    repo.git("config", "core.repositoryformatversion", "1")
    repo.git("config", "extensions.partialClone", "origin")
    repo.git("config", "remote.origin.promisor", "true")
    repo.git("config", "remote.origin.uploadpack", str(evil))
    repo.git("config", f"protocol.{protocol}.allow", "always")
    url = f"ext::{evil} %S" if protocol == "ext" else str(repo.root)
    repo.git("config", "remote.origin.url", url)
    older = {"GIT_NO_LAZY_FETCH": "0"}
    assert run_git(["cat-file", "blob", blob], cwd=repo.root, env=older).code == 128
    assert not (tmp_path / "marks").exists()
