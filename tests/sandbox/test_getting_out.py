"""Commands that try to get out of the sandbox, by each mechanism that works here."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from codexspark_tui.sandbox import Access, CannotConfine, Mechanism, Output, run
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


def test_fork_bomb_is_stopped(by: Mechanism, repo: Repo) -> None:
    limits = replace(LIMITS, processes=40)
    done = ran(by, job_of(repo.root, "f() { f | f & }; f; sleep 20", limits))
    assert done.ended == "processes" or "ork" in done.view
    assert done.ended != "time"


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
