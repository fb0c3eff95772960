"""Commands that try to get out of the sandbox, by each mechanism that works here."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from codexspark_tui.sandbox import (
    Access,
    CannotConfine,
    Mechanism,
    Output,
    programs_named,
    run,
)
from codexspark_tui.sandbox.confine import wrapped
from tests.sandbox.support import LIMITS, job_of, mechanism, ran
from tests.support.repo import Repo


@pytest.fixture(params=["bubblewrap", "landlock"])
def by(request: pytest.FixtureRequest) -> Mechanism:
    return mechanism(request.param)


def test_workspace_is_writable_and_the_git_directory_is_not(by: Mechanism, repo: Repo) -> None:
    hook = ".git/hooks/pre-commit"
    script = f"echo a > made; echo x > {hook}; mv .git .g; rm -rf .git/HEAD; echo y > .git/config"
    before = repo.read(".git/config")
    ran(by, job_of(repo.root, script))
    assert repo.text("made") == "a\n"
    assert not (repo.root / hook).exists()
    assert repo.read(".git/config") == before
    assert (repo.root / ".git/HEAD").exists()


def test_git_directory_of_a_repository_inside_is_not_writable(by: Mechanism, repo: Repo) -> None:
    inner = Repo.make(repo.root / "deep/inner", {"a": "1\n"})
    module = repo.root / "module"
    module.mkdir()
    (module / ".git").write_text("gitdir: ../.git/modules/module\n")
    before = inner.read(".git/config")
    script = (
        "cd deep/inner; echo x > a; echo x > .git/hooks/pre-commit; echo y >> .git/config;"
        " rm -rf .git; mv .git .g; cd ../../module; echo gitdir: /x > .git; rm .git; mv .git g"
    )
    ran(by, job_of(repo.root, script))
    assert inner.text("a") == "x\n"
    assert inner.read(".git/config") == before
    assert not (inner.root / ".git/hooks/pre-commit").exists()
    assert (module / ".git").read_text() == "gitdir: ../.git/modules/module\n"


FILLED = "mkdir new && cd new && git init -q . && echo 1 > f && git add f && git commit -qm x"
HOSTILE = f"({FILLED}; git config core.fsmonitor {{evil}}; git config filter.e.clean {{evil}};"
HOSTILE += " echo '* filter=e' > .gitattributes; echo 2 > f);"


@pytest.fixture
def outer(repo: Repo, tmp_path: Path) -> Repo:
    """Its index names submodules: filled, empty, and not there at all."""
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\necho ran >> {tmp_path}/marks\ncat\n")
    evil.chmod(0o755)
    repo.commit({"a": "1\n"})
    head = repo.git("rev-parse", "HEAD").decode().strip()
    Repo.make(repo.root / "libs/filled", {"f": "1\n"})
    (repo.root / "empty").mkdir()
    for name in ("libs/filled", "empty", "far/gone"):
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},{name}")
    repo.git("commit", "-q", "-m", "submodules")
    return repo


WAYS = ("mv libs/filled old; cp -r new libs/filled", "rmdir empty; mv new empty",
        "mv libs old; mkdir libs; cp -r new libs/filled", "mkdir -p far; mv new far/gone",
        "cp -r new/. empty/", "rm -rf far; ln -s libs far; mv new libs/gone")  # fmt: skip
MORE_WAYS = (
    "rm -rf libs; mkdir libs; mv new libs/filled",
    "mv libs/filled/.git old; cp -r new/.git libs/filled/.git",
    "rmdir empty; ln -s new empty",
    "ln -s new empty",
)


@pytest.mark.parametrize(
    "way", [*WAYS, *(pytest.param(way, marks=pytest.mark.full) for way in MORE_WAYS)]
)
def test_git_status_of_the_person_runs_nothing_that_a_command_has_left(
    by: Mechanism, outer: Repo, tmp_path: Path, way: str
) -> None:
    """Git looks into a submodule with the settings that lie in it."""
    ran(by, job_of(outer.root, f"{HOSTILE.format(evil=tmp_path / 'evil')} {way}; echo x > a"))
    assert outer.text("a") == "x\n"
    for asked in ("status", "diff HEAD", "add -A -n .", "stash list", "submodule status"):
        subprocess.run(["git", *asked.split()], cwd=outer.root, capture_output=True, check=False)
        assert not (tmp_path / "marks").exists(), asked
    assert not (outer.root / "far/gone").exists()
    assert (outer.root / "libs/filled/.git/HEAD").exists()


def test_new_repository_is_run_by_nobody_who_does_not_enter_it(
    by: Mechanism, outer: Repo, tmp_path: Path
) -> None:
    """A command may make one in a new folder; git of the outer one never looks into it."""
    hostile = HOSTILE.format(evil=tmp_path / "evil")
    hooks = "for h in post-checkout pre-commit post-index-change; do ln -s {evil} new/.git/hooks/$h"
    hooks = hooks.format(evil=tmp_path / "evil") + "; done; cp -r new libs/new"
    ran(by, job_of(outer.root, f"{hostile} {hooks}"))
    assert (outer.root / "libs/new/.git/config").exists()
    for asked in (
        "status", "status --ignored -uall", "diff HEAD", "add -A -n .", "clean -n -d", "stash -u",
        "stash pop", "checkout -q -b other", "log -1", "grep --untracked x", "submodule update",
        "commit -q -m y a", "gc -q", "worktree add -q ../other",
    ):  # fmt: skip
        subprocess.run(["git", *asked.split()], cwd=outer.root, capture_output=True, check=False)
        assert not (tmp_path / "marks").exists(), asked


def test_folders_that_are_held_can_still_be_worked_in(by: Mechanism, outer: Repo) -> None:
    script = (
        "cd libs; echo 1 > n; mv n m; mkdir d; mv d e; cd filled; echo 2 > f; mv f g; mv g ../g;"
        " echo 3 > h; cd ../../empty; echo 4 > k; mv k l; mv ../libs/m ../m"
    )
    ran(by, job_of(outer.root, script))
    made = ("libs/g", "libs/filled/h", "empty/l", "m")
    assert [outer.text(name) for name in made] == ["2\n", "3\n", "4\n", "1\n"]
    assert (outer.root / "libs/e").is_dir()
    assert not (outer.root / "empty/.git").exists()
    assert not (outer.root / "far").exists()


def test_settings_of_the_repository_stay_as_they_are(by: Mechanism, repo: Repo) -> None:
    repo.write({".spark/config.toml": "partial = false\n"})
    ran(by, job_of(repo.root, "echo 'partial = true' > .spark/config.toml; rm -rf .spark"))
    assert repo.text(".spark/config.toml") == "partial = false\n"


@pytest.mark.parametrize(
    "way", ["echo x > {t}", "rm {t}", "ln -s {t} l; echo x > l", "chmod 777 {t}", "touch -d @0 {t}",
            "ln {t} h; echo x > h", "cd ..; echo x > outside/f"]
)  # fmt: skip
def test_nothing_outside_is_written(by: Mechanism, repo: Repo, tmp_path: Path, way: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside / "f"
    target.write_text("kept")
    before = target.stat()
    ran(by, job_of(repo.root, way.format(t=target)))
    after = target.stat()
    assert target.read_text() == "kept"
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_link_in_the_workspace_does_not_open_the_way_out(by: Mechanism, repo: Repo) -> None:
    (repo.root / "out").symlink_to("/etc")
    done = ran(by, job_of(repo.root, "echo x > out/made-by-a-test"))
    assert done.exit_code != 0
    assert not Path("/etc/made-by-a-test").exists()


def test_key_file_at_home_cannot_be_read(by: Mechanism, repo: Repo, isolated_home: Path) -> None:
    (isolated_home / ".ssh").mkdir()
    (isolated_home / ".ssh/id").write_text("very secret")
    (isolated_home / ".cargo").mkdir()
    (isolated_home / ".cargo/credentials.toml").write_text("very secret")
    script = f"cat {isolated_home}/.ssh/id {isolated_home}/.cargo/credentials.toml ~/.ssh/id"
    assert "very secret" not in ran(by, job_of(repo.root, script)).view


@pytest.mark.parametrize("kind", ["bin", "shims"])
def test_program_on_the_path_finds_what_it_loads(
    by: Mechanism, repo: Repo, isolated_home: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    prefix = isolated_home / "tools" / "one"
    (prefix / kind).mkdir(parents=True)
    (prefix / "lib").mkdir()
    (prefix / "lib" / "words").write_text("loaded\n")
    (isolated_home / "tools" / "secret").write_text("key\n")
    program = prefix / kind / "tool"
    program.write_text('#!/bin/sh\ncat "${0%/*}/../lib/words" "${0%/*}/../../secret"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{prefix / kind}:{os.environ['PATH']}")
    done = ran(by, job_of(repo.root, "tool"))
    assert "loaded" in done.view
    assert "key" not in done.view


def test_a_python_that_the_person_names_is_found_with_what_it_loads(
    by: Mechanism, repo: Repo, isolated_home: Path
) -> None:
    """A virtual environment at home, whose Python is a link to one that is hidden as well."""
    made = isolated_home / "envs" / "one"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    packages = next(made.glob("lib/python3*/site-packages"))
    (packages / "known.py").write_text("print('loaded')\n")
    (isolated_home / "envs" / "secret").write_text("key\n")
    command = f"{made}/bin/python -c 'import known'; cat {isolated_home}/envs/secret"
    readable = programs_named(command)
    done = ran(by, job_of(repo.root, command, access=Access(readable=readable)))
    assert "loaded" in done.view
    assert "key\n" not in done.view
    assert "loaded" not in ran(by, job_of(repo.root, command)).view


def test_listed_part_of_home_can_be_read_and_not_written(
    by: Mechanism, repo: Repo, isolated_home: Path
) -> None:
    (isolated_home / "tools").mkdir()
    (isolated_home / "tools/t").write_text("a tool\n")
    access = Access(at_home=("tools",))
    script = f"cat {isolated_home}/tools/t; echo x > {isolated_home}/tools/t"
    assert ran(by, job_of(repo.root, script, access=access)).view.startswith("a tool\n")
    assert (isolated_home / "tools/t").read_text() == "a tool\n"


def test_listed_link_does_not_lead_to_what_is_hidden(
    by: Mechanism, repo: Repo, isolated_home: Path
) -> None:
    state = isolated_home / "state/spark"
    state.mkdir(parents=True)
    (state / "s").write_text("very secret")
    (isolated_home / "tools").symlink_to(state)
    access = Access(at_home=("tools",))
    script = f"cat {isolated_home}/tools/s {state}/s"
    assert "very secret" not in ran(by, job_of(repo.root, script, access=access)).view


def test_loopback_of_the_machine_is_out_of_reach(by: Mechanism, repo: Repo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ran(by, job_of(repo.root, _connect("127.0.0.1", port))).exit_code == 1
        granted = job_of(repo.root, _connect("127.0.0.1", port), access=Access(network=True))
        assert ran(by, granted).exit_code == 0


def test_addresses_outside_are_out_of_reach(by: Mechanism, repo: Repo) -> None:
    done = ran(by, job_of(repo.root, _connect("192.0.2.1", 80)))
    assert "unreachable" in done.view


def test_own_loopback_works(by: Mechanism, repo: Repo) -> None:
    server = "import socket as s; a = s.create_server(('127.0.0.1', 0))"
    repo.write({"t.py": f"{server}; s.create_connection(a.getsockname())"})
    assert ran(by, job_of(repo.root, "python3 t.py")).exit_code == 0


def _connect(host: str, port: int) -> str:
    return f"python3 -c \"import socket; socket.create_connection(('{host}', {port}), 3)\""


def test_abstract_and_named_sockets_of_the_machine_are_out_of_reach(
    by: Mechanism, repo: Repo
) -> None:
    name = f"spark-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0" + name)
        server.listen()
        repo.write({"t.py": f"import socket as s; s.socket(s.AF_UNIX).connect('\\0{name}')"})
        assert ran(by, job_of(repo.root, "python3 t.py")).exit_code == 1


def test_daemon_does_not_outlive_the_command(by: Mechanism, repo: Repo) -> None:
    done = ran(by, job_of(repo.root, DAEMON))
    assert done.ended == "exit"
    assert _is_dead(repo)


def test_daemon_does_not_outlive_a_stopped_turn(by: Mechanism, repo: Repo) -> None:
    asyncio.run(_stopped_at_first_output(by, repo))
    assert _is_dead(repo)


def test_unconfined_daemon_does_not_outlive_the_command(repo: Repo) -> None:
    assert ran(mechanism("none"), job_of(repo.root, DAEMON)).ended == "exit"
    assert _is_dead(repo)
    asyncio.run(_stopped_at_first_output(mechanism("none"), repo))
    assert _is_dead(repo)


# It holds a lock on a file for as long as it lives, and has left the process group.
DAEMON = """
rm -f up
(setsid flock lock sh -c 'trap "" TERM; : > up; echo here; sleep 60' &)
until [ -e up ]; do sleep 0.01; done
"""


async def _stopped_at_first_output(by: Mechanism, repo: Repo) -> None:
    async with aclosing(run(by, job_of(repo.root, DAEMON + "sleep 60"))) as events:
        async for event in events:
            if isinstance(event, Output):
                return


def _is_dead(repo: Repo) -> bool:
    return os.system(f"flock -w 5 {repo.root}/lock true") == 0


@pytest.mark.parametrize(
    "bomb", ["f() { f | f & }; f; sleep 20", "bash -c 'f() { f | f & }; f; wait; sleep 20'",
             "f() { setsid sh -c 'sleep 20' & f & }; f; sleep 20"]
)  # fmt: skip
def test_fork_bomb_is_stopped(by: Mechanism, repo: Repo, bomb: str) -> None:
    """It is seen and killed; it does not go on until its forks fail, or its time is up."""
    done = ran(by, job_of(repo.root, bomb, replace(LIMITS, processes=40)))
    assert (done.ended, done.why) == (
        "processes",
        "it started more processes than its limit",
    )


def test_file_without_end_is_stopped(by: Mechanism, repo: Repo) -> None:
    limits = replace(LIMITS, file_bytes=1 << 20)
    done = ran(by, job_of(repo.root, "yes > big; sleep 1", limits))
    assert (repo.root / "big").stat().st_size == 1 << 20
    assert done.ended in ("exit", "disk")


def test_disk_cannot_be_filled_with_many_files(by: Mechanism, repo: Repo) -> None:
    limits = replace(LIMITS, disk_bytes=8 << 20)
    loop = "i=0; while :; do i=$((i+1)); head -c 4000000 /dev/urandom > f$i; done"
    done = ran(by, job_of(repo.root, loop, limits))
    assert (done.ended, done.why) == ("disk", "it filled the disk")


def test_memory_without_end_is_stopped(by: Mechanism, repo: Repo) -> None:
    limits = replace(LIMITS, memory_bytes=256 << 20)
    done = ran(by, job_of(repo.root, "python3 -c 'x = bytearray(1 << 30)'", limits))
    assert done.ended == "memory" or "MemoryError" in done.view


def test_command_without_end_is_stopped(by: Mechanism, repo: Repo) -> None:
    done = ran(by, job_of(repo.root, "trap '' TERM; sleep 60", replace(LIMITS, time_s=0.3)))
    assert (done.ended, done.why) == ("time", "it took longer than 0 s")


def test_keys_in_the_environment_are_not_handed_on(
    by: Mechanism, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "GITHUB_TOKEN", "SPARK_KEY", "SSH_AUTH_SOCK", "PGPASSWORD"):
        monkeypatch.setenv(name, "very secret")
    monkeypatch.setenv("KEYBOARD", "us")
    view = ran(by, job_of(repo.root, "env; cat /proc/1/environ")).view
    assert "very secret" not in view
    assert "KEYBOARD=us" in view


def test_git_directory_behind_a_link_is_not_confined(by: Mechanism, repo: Repo) -> None:
    (repo.root / ".git").rename(repo.root / "real")
    (repo.root / ".git").symlink_to("real")
    made = wrapped(by.name, job_of(repo.root, "true"))
    assert made == CannotConfine(".git is a symbolic link, so it cannot be kept from the command")


def test_workspace_that_holds_the_home_folder_is_not_confined(
    by: Mechanism, isolated_home: Path
) -> None:
    made = wrapped(by.name, job_of(isolated_home, "true"))
    assert made == CannotConfine(f"the workspace holds {isolated_home}, which is to stay hidden")


@pytest.mark.parametrize(
    "way", ["git init -q", "mkdir .spark .git", "ln -s x .git", "echo x > .spark",
            "mkdir -p .git/hooks .spark/commands", "mv sub .git"]
)  # fmt: skip
def test_protected_names_that_are_not_there_cannot_be_made(
    by: Mechanism, tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    ran(by, job_of(folder, f"{way}; echo done > made"))
    assert sorted(path.name for path in folder.iterdir()) == ["made", "sub"]


def test_names_that_somebody_fills_meanwhile_stay(by: Mechanism, tmp_path: Path) -> None:
    """The person may make a repository while a command runs; it is theirs."""

    async def made_beside() -> None:
        async with aclosing(
            run(by, job_of(tmp_path, "echo here; cat >/dev/null; sleep 60"))
        ) as all:
            async for event in all:
                if isinstance(event, Output):
                    (tmp_path / ".spark/config.toml").write_text("partial = true\n")
                    return

    asyncio.run(made_beside())
    assert (tmp_path / ".spark/config.toml").read_text() == "partial = true\n"
    assert not (tmp_path / ".git").exists()


@pytest.mark.parametrize("first", ["the one that made them", "the other"])
def test_protected_names_are_taken_as_long_as_one_of_two_commands_runs(
    by: Mechanism, tmp_path: Path, first: str
) -> None:
    folder = tmp_path / "folder"
    (folder / ".spark").mkdir(parents=True)  # the person's own, though it is empty
    waits = "echo up; until [ -e {0} ]; do sleep 0.02; done; mkdir .git/hooks .git; echo {0} ends"

    async def follow(name: str, up: asyncio.Event) -> None:
        async with aclosing(run(by, job_of(folder, waits.format(name)))) as events:
            async for event in events:
                if isinstance(event, Output) and "up" in event.text:
                    up.set()

    async def both() -> None:
        ups = asyncio.Event(), asyncio.Event()
        one = asyncio.create_task(follow("one", ups[0]))
        await ups[0].wait()
        other = asyncio.create_task(follow("other", ups[1]))
        await ups[1].wait()
        ends, stays = (one, other) if first.endswith("them") else (other, one)
        (folder / ("one" if ends is one else "other")).touch()
        await ends
        assert list((folder / ".git").iterdir()) == []
        (folder / ("other" if ends is one else "one")).touch()
        await stays

    asyncio.run(both())
    assert sorted(path.name for path in folder.iterdir()) == [".spark", "one", "other"]


def test_commit_from_within_changes_no_hook_and_no_ref(by: Mechanism, repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    head = repo.git("rev-parse", "HEAD")
    script = (
        "echo 2 > a; printf '#!/bin/sh\\ntouch ran\\n' > hook; chmod +x hook;"
        " cp hook .git/hooks/post-commit; git config core.hooksPath .; git add a;"
        " git commit -qam x; git update-ref HEAD 0; GIT_DIR=.git git config alias.x '!touch ran'"
    )
    before = repo.read(".git/config")
    ran(by, job_of(repo.root, script))
    assert repo.git("rev-parse", "HEAD") == head
    assert repo.read(".git/config") == before
    assert not (repo.root / ".git/hooks/post-commit").exists()
    assert not (repo.root / "ran").exists()


def test_link_in_the_workspace_leads_to_no_key(
    by: Mechanism, repo: Repo, isolated_home: Path
) -> None:
    (isolated_home / ".ssh").mkdir()
    (isolated_home / ".ssh/id").write_text("very secret")
    (repo.root / "link").symlink_to(isolated_home / ".ssh/id")
    (repo.root / "folder").symlink_to(isolated_home)
    way = "cat link folder/.ssh/id; ln -s $PWD/../.. up; cat up/.ssh/id; cat /proc/self/root{h}"
    done = ran(by, job_of(repo.root, way.format(h=isolated_home / ".ssh/id")))
    assert "very secret" not in done.view


def test_git_directory_cannot_be_swapped_for_another(by: Mechanism, repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    before = repo.read(".git/config")
    ran(
        by,
        job_of(
            repo.root, "mkdir new; cp -r .git new; mv .git old; mv new/.git .git; ln -sfn x .git"
        ),
    )
    assert repo.read(".git/config") == before
    assert not (repo.root / ".git").is_symlink()


def test_sockets_of_services_are_out_of_reach(
    by: Mechanism, repo: Repo, isolated_home: Path, tmp_path: Path
) -> None:
    """As an agent of keys has one in the temporary folder, and a service of containers in /run."""
    places = [tmp_path / "agent.sock"]
    if os.geteuid() == 0:
        places.append(Path(f"/run/spark-test-{os.getpid()}.sock"))
    for place in places:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(place))
            try:
                server.listen()
                repo.write({"t.py": f"import socket as s; s.socket(s.AF_UNIX).connect('{place}')"})
                assert ran(by, job_of(repo.root, "python3 t.py")).exit_code == 1
            finally:
                place.unlink()


def test_proc_gives_no_way_out(by: Mechanism, repo: Repo) -> None:
    """What the kernel would run for a crash, and other processes, are out of reach."""
    pattern = Path("/proc/sys/kernel/core_pattern")
    before = pattern.read_text()
    script = (
        f"echo '{before.strip()}' > /proc/sys/kernel/core_pattern && echo got out;"
        " for f in sys/kernel/core_pattern sys/kernel/sysrq sysrq-trigger sys/vm/drop_caches; do"
        " (: >> /proc/$f) && echo got out; done;"
        f" cat /proc/{os.getpid()}/environ && echo got out;"
        f" ls /proc/{os.getpid()}/root/ && echo got out;"
        f" kill -0 {os.getpid()} && echo got out;"
        " mount -t tmpfs x /mnt && echo got out; umount /proc && echo got out;"
        " mount -o remount,rw / && echo got out; chroot / true && echo got out;"
        " echo 0 > /proc/self/oom_score_adj; kill -SEGV $$"
    )
    done = ran(by, job_of(repo.root, script))
    assert "got out" not in done.view
    assert pattern.read_text() == before
    assert not list(repo.root.glob("core*"))


def test_shared_memory_is_its_own(by: Mechanism, repo: Repo) -> None:
    name = f"spark-test-{os.getpid()}"
    done = ran(by, job_of(repo.root, f"echo x > /dev/shm/{name}; cat /dev/shm/{name}"))
    assert done.view == "x\n"
    assert not Path("/dev/shm", name).exists()


def test_temporary_folders_cannot_fill_the_machine(by: Mechanism, repo: Repo) -> None:
    """They are small file systems of their own, gone with the command."""
    sizes = "for f in /tmp /dev/shm; do stat -f -c '%b %S' $f; done"
    for line in ran(by, job_of(repo.root, sizes)).view.splitlines():
        blocks, size = map(int, line.split())
        assert blocks * size <= 1 << 30


def test_command_that_is_cancelled_while_it_starts_leaves_nothing(
    by: Mechanism, repo: Repo
) -> None:
    """Cancelled at any step of its start, nothing goes on: the lock is free and no name is left."""
    asyncio.run(_cancelled_early(by, repo))
    assert _is_dead(repo)
    assert not (repo.root / ".spark").exists()


async def _cancelled_early(by: Mechanism, repo: Repo) -> None:
    for steps in range(12):
        following = asyncio.ensure_future(_followed(by, repo))
        for _ in range(steps):
            await asyncio.sleep(0)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _followed(by: Mechanism, repo: Repo) -> None:
    async with aclosing(run(by, job_of(repo.root, "exec flock lock sleep 60"))) as events:
        async for _ in events:
            pass
