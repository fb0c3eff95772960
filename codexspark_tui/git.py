"""The one place that runs git.

True here: every call has optional locks off and the repository's own programs (hooks, fsmonitor,
pager, external diff, textconv, ssh, editors) switched off; paths come NUL-separated and are decoded
as the file system's names (`os.fsdecode`, so bytes that are not UTF-8 survive as surrogates).
Commands that would run clean or smudge filters (`status`, `diff` against the working tree, `add`,
`checkout`) must not be added here without switching the filters off.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.errors import NoRepository, ProviderError, UsageError

SAFE_CONFIG: tuple[str, ...] = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.editor=false",
    "core.askPass=",
    "core.sshCommand=false",
    "core.untrackedCache=false",
    "core.quotePath=false",
    "diff.external=",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "commit.gpgSign=false",
    "color.ui=false",
)

_SAFE_ENV: Mapping[str, str] = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # A repository may allow a protocol by name, and older git fetches a missing object by itself,
    # with the program that the repository names for it: so no protocol, whatever its settings say.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "LC_ALL": "C",
}
# Whether a submodule is dirty is not asked for: git would look into it with its own settings.
PLAIN_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty")
PASSED_OVER = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "target"})
MOST_WALKED = 100_000
_DROPPED_ENV = (
    *("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS"),
    *(f"GIT_{how}_PATHSPECS" for how in ("LITERAL", "GLOB", "NOGLOB", "ICASE")),
)


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a working tree and its git directories are (absolute, links resolved by git).

    `git_dir` belongs to this worktree alone; `common_dir` is shared by all worktrees.
    """

    root: Path
    git_dir: Path
    common_dir: Path


@dataclass(frozen=True, slots=True)
class GitResult:
    code: int
    out: bytes
    err: str


def run_git(
    arguments: Sequence[str],
    *,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> GitResult:
    """Run `git ARGUMENTS` in `cwd` and return its exit code and output; never raises for a code.

    Raises `UsageError` where git is not installed, `ProviderError` when it does not end in time.
    """
    command = ["git", "--no-pager"]
    for setting in SAFE_CONFIG:
        command += ["-c", setting]
    full_env = {k: v for k, v in os.environ.items() if k not in _DROPPED_ENV}
    full_env.update(_SAFE_ENV)
    full_env.update(env or {})
    try:
        done = subprocess.run(
            [*command, *arguments],
            cwd=cwd,
            input=stdin,
            env=full_env,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError as error:
        if not cwd.is_dir():
            raise UsageError(f"the folder {cwd} does not exist") from error
        raise UsageError(
            "git was not found on this machine", next_step="Install git 2.31 or newer."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ProviderError(
            f"git {arguments[0]} did not end within {timeout_s} s",
            next_step="Look for a process that holds the repository, then try again.",
        ) from error
    return GitResult(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())


def discover(start: Path) -> Repository:
    """The repository whose working tree holds `start`.

    Raises `NoRepository` outside one (the sentence names `git init`), in a bare repository, and
    where git itself refuses the folder.
    """
    result = run_git(
        [
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--absolute-git-dir",
            "--git-common-dir",
        ],
        cwd=start,
    )
    if result.code == 0:
        parts = [Path(os.fsdecode(line)) for line in result.out.rstrip(b"\n").split(b"\n")]
        if len(parts) == 3:
            return Repository(*parts)
    raise _no_repository(start, result.err)


def _no_repository(start: Path, said: str) -> NoRepository:
    if "dubious ownership" in said:
        return NoRepository(
            f"git does not trust the repository at {start}: it belongs to another user",
            next_step=f"If you trust it: git config --global --add safe.directory {start}",
        )
    if "must be run in a work tree" in said:
        return NoRepository(
            f"{start} is a bare repository or a git directory, so there are no files to edit",
            next_step="Go to a working tree, or make one with: git worktree add ../tree",
        )
    return NoRepository(
        f"{start} is not inside a git repository",
        detail="" if "not a git repository" in said else said,
        next_step="Go to a repository, or make this folder one with: git init",
    )


def list_files(root: Path, *, untracked: bool = True) -> list[str]:
    """Paths of the files in the working tree, sorted, "/"-separated, relative to `root`.

    Tracked files that are on disk, and with `untracked` the others that no ignore rule covers.
    A path may name a file that was deleted since; nested repositories are left out.
    """
    arguments = ["ls-files", "-z", "--cached"]
    if untracked:
        arguments += ["--others", "--exclude-standard"]
    result = run_git(arguments, cwd=root)
    if result.code != 0:
        raise _no_repository(root, result.err)
    names = {os.fsdecode(name) for name in result.out.split(b"\0") if name}
    return sorted(name for name in names if not name.endswith("/"))


def submodules(root: Path) -> list[str]:
    """The paths at which the staging index has a submodule, filled or not."""
    staged = run_git(["ls-files", "-z", "--stage"], cwd=root).out
    found = [line for line in staged.split(b"\0") if line.startswith(b"160000 ")]
    return [os.fsdecode(line.partition(b"\t")[2]) for line in found]


def walked(root: Path) -> list[str]:
    """The files of a folder that git does not know, sorted, without hidden folders and those that
    tools fill."""
    found: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f[0] != "." and f not in PASSED_OVER)
        below = Path(folder).relative_to(root)
        found += [str(below / name) for name in names]
        if len(found) > MOST_WALKED:
            break
    return sorted(found[:MOST_WALKED])


def grep_words(root: Path, words: Sequence[str], *, timeout_s: float) -> dict[str, list[str]]:
    """For each word the files of the tree that hold it as a whole word, in git's order.

    Binary files and what is ignored are left out. What does not end in time finds nothing.
    """
    found: dict[str, dict[str, None]] = {word: {} for word in words}
    if not words:
        return {}
    arguments = ["grep", "-z", "-o", "-w", "-F", "-I", "--untracked", "--no-recurse-submodules"]
    for word in words:
        arguments += ["-e", word]
    try:
        done = run_git(arguments, cwd=root, timeout_s=timeout_s)
    except ProviderError:
        return {word: [] for word in words}
    for line in done.out.split(b"\n"):
        name, _, word_bytes = line.partition(b"\0")
        word = word_bytes.decode("utf-8", "replace")
        if name and word in found:
            found[word][os.fsdecode(name)] = None
    return {word: list(names) for word, names in found.items()}


def files_holding(root: Path, word: str, *, timeout_s: float) -> list[str] | None:
    """The files of the tree that hold `word` as a whole word, whatever else is in them, also where
    it is no repository; None where git cannot tell in time."""
    arguments = ["grep", "-z", "-l", "-w", "-F", "--text"]
    try:
        for where in (["--untracked", "--no-recurse-submodules"], ["--no-index"]):
            done = run_git([*arguments, *where, "-e", word], cwd=root, timeout_s=timeout_s)
            if done.code in (0, 1):  # 1: no file holds it
                break
        else:
            return None
    except ProviderError:
        return None
    return [os.fsdecode(name) for name in done.out.split(b"\0") if name]


def ignored_paths(root: Path, paths: Sequence[str]) -> frozenset[str]:
    """Those of `paths` that an ignore rule covers (tracked files are never ignored)."""
    if not paths:
        return frozenset()
    fed = b"\0".join(os.fsencode(p) for p in paths) + b"\0"
    result = run_git(["check-ignore", "-z", "--stdin"], cwd=root, stdin=fed)
    return frozenset(os.fsdecode(name) for name in result.out.split(b"\0") if name)


def make_repository(folder: Path, files: Mapping[str, str], message: str) -> Repository:
    """A new repository in `folder` with one commit of `files`, by an author of our own.

    For demonstrations and measurements. GitPython writes objects and commit itself, so no hook,
    template or identity of the user takes part.
    """
    import git  # 90 ms: only here

    actor = git.Actor("codexspark", "spark@example.invalid")
    with git.Repo.init(folder, initial_branch="main") as repo:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        repo.index.add(list(files))
        repo.index.commit(message, author=actor, committer=actor, skip_hooks=True)
    return discover(folder)


@dataclass(frozen=True, slots=True)
class Entries:
    """The files of a working tree: those that git tracks, then the others."""

    tracked: tuple[str, ...]
    untracked: tuple[str, ...]


def list_entries(root: Path, ignore_file: str = "") -> Entries:
    """The files of the tree by git's own rules, and those of `ignore_file` (in `root`) if given.

    Nested repositories and files that are merely known to git as deleted stay in the list.
    """
    from concurrent.futures import ThreadPoolExecutor

    shown = ["ls-files", "-z", "--stage"]
    others = ["ls-files", "-z", "--others", "--exclude-standard"]
    hidden = ["ls-files", "-z", "--cached", "--ignored"]
    asked = [shown, others]
    if ignore_file:
        rules = [f"--exclude-from={root / ignore_file}"]
        asked = [shown, [*others, *rules], [*hidden, *rules]]
    with ThreadPoolExecutor(len(asked)) as pool:
        done = list(pool.map(lambda arguments: run_git(arguments, cwd=root), asked))
    for result in done:
        if result.code != 0:
            raise _no_repository(root, result.err)
    texts = [os.fsdecode(result.out).split("\0")[:-1] for result in done]
    out = frozenset(texts[2]) if ignore_file else frozenset()
    listed = (line.partition("\t")[2] for line in texts[0] if not line.startswith("160000"))
    tracked = dict.fromkeys(path for path in listed if path not in out)  # a conflict has it thrice
    untracked = tuple(path for path in texts[1] if not path.endswith("/"))
    return Entries(tuple(tracked), untracked)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit without parents' details: its message, and the paths that it changed."""

    id: str
    message: str
    paths: tuple[str, ...]


def head_commit(root: Path) -> str:
    """The commit that is checked out; "" on a branch without any."""
    done = run_git(["rev-parse", "--verify", "--quiet", "HEAD"], cwd=root)
    return done.out.decode("ascii", "replace").strip() if done.code == 0 else ""


def recent_commits(root: Path, most: int, start: str = "HEAD") -> list[Commit]:
    """The last commits that are no merges, the latest first, with the paths of each."""
    arguments = ["-c", "log.showSignature=false", "log", start, "-n", str(most), "--no-merges"]
    arguments += ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-notes", "--name-only"]
    done = run_git([*arguments, "-z", "--format=%x01%H%x02%B%x03"], cwd=root)
    commits = []
    for part in os.fsdecode(done.out).split("\x01")[1:]:
        id, _, rest = part.partition("\x02")
        message, _, names = rest.partition("\x03")
        paths = tuple(name.lstrip("\n") for name in names.split("\0") if name.strip())
        commits.append(Commit(id, message.strip(), paths))
    return commits


def without_filters(root: Path) -> list[str]:
    """Options for git that switch off the filters that the repository's settings name."""
    listed = run_git(["config", "--name-only", "-z", "--get-regexp", r"^filter\."], cwd=root)
    names = {
        os.fsdecode(key).removeprefix("filter.").rpartition(".")[0]
        for key in listed.out.split(b"\0")
        if key
    }
    off: list[str] = []
    for name in sorted(names):
        for part in ("clean=", "smudge=", "process=", "required=false"):
            off += ["-c", f"filter.{name}.{part}"]
    return off


def diff_text(root: Path, *, staged: bool) -> str:
    """What has changed since HEAD, or what is `staged`, as a unified diff; "" for nothing.

    No filter of the repository runs.
    """
    diff = [*PLAIN_DIFF, "--submodule=short", "--cached" if staged else "HEAD", "--"]
    arguments = [*without_filters(root), *diff]
    done = run_git(arguments, cwd=root)
    return done.out.decode("utf-8", "replace") if done.code == 0 else ""
