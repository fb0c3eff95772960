"""Guards on the command line: a change with findings is never taken by a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repo import Repo
from tests.support.spark import run

PATCH = """\
--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-x = 1
+x = 2
--- a/b.py
+++ b/b.py
@@ -1 +1 @@
-y = 1
+y = 2
"""


@pytest.fixture
def two(repo: Repo) -> Repo:
    repo.commit({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    return repo


def test_one_finding_stops_the_whole_patch(two: Repo) -> None:
    done = run("apply", "--only", "a.py", cwd=two.root, stdin=PATCH.encode())
    assert done.code == 5
    assert "b.py:1: it lies outside of a.py (only)" in done.err
    assert (two.text("a.py"), two.text("b.py")) == ("x = 1\n", "y = 1\n")


def test_partial_takes_what_has_no_finding(two: Repo) -> None:
    done = run("apply", "--only", "a.py", "--partial", cwd=two.root, stdin=PATCH.encode())
    assert done.code == 1
    assert (two.text("a.py"), two.text("b.py")) == ("x = 2\n", "y = 1\n")


def test_the_log_says_which_guard_kept_a_change_back(two: Repo) -> None:
    run("apply", "--only", "a.py", "--partial", cwd=two.root, stdin=PATCH.encode())
    line = "        kept back b.py: it lies outside of a.py (only)"
    assert run("log", cwd=two.root).text.splitlines()[1:] == [line]
    shown = run("show", "1", cwd=two.root).text
    assert "# kept back b.py: it lies outside of a.py (only)\n# diff --git" in shown


def test_findings_are_in_the_events(two: Repo) -> None:
    done = run("apply", "--check", "--max-lines", "2", "--json", cwd=two.root, stdin=PATCH.encode())
    closed = [event for event in done.lines if event["type"] == "change_closed"]
    assert [one["findings"] for one in closed] == [
        [],
        [
            {
                "rule": "max_lines",
                "why": "4 lines are changed with this one, and 2 may be",
                "lines": [],
            }
        ],
    ]
    assert done.code == 5


def test_hunks_that_parse_only_together_have_no_finding(repo: Repo) -> None:
    repo.write({"a.py": "x = 0\n" + "\n" * 20 + "y = 1\n"})
    patch = "--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n-x = 0\n+x = (\n+0\n"
    patch += "@@ -22 +23,2 @@\n-y = 1\n+)\n+y = 1\n"
    done = run("apply", "--syntax", cwd=repo.root, stdin=patch.encode())
    assert (done.code, "parsed" in done.err) == (0, False)


def test_guards_of_the_users_own_settings_hold(two: Repo, isolated_home: Path) -> None:
    folder = isolated_home / "config/spark"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[guards]\nonly = ["b.py"]\n')
    assert run("apply", "--check", cwd=two.root, stdin=PATCH.encode()).code == 5


def test_a_guard_that_nobody_asked_for_says_how_to_do_without_it(two: Repo) -> None:
    key = 'URL = "http://alberto:einstein@somewhere.example/x"'
    patch = f"--- /dev/null\n+++ b/c.py\n@@ -0,0 +1 @@\n+{key}\n".encode()
    refused = run("apply", cwd=two.root, stdin=patch)
    assert refused.code == 5
    assert "(SPARK_GUARD_SECRETS=off does without)" in refused.err
    done = run("apply", cwd=two.root, stdin=patch, env={"SPARK_GUARD_SECRETS": "off"})
    assert (done.code, two.text("c.py")) == (0, f"{key}\n")


def test_a_broken_guard_is_told_with_the_line_that_is_changed(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "lines", {"a.txt": "".join(f"{n}\n" for n in range(1, 10))})
    patch = b"--- a/a.txt\n+++ b/a.txt\n@@ -5 +5 @@\n-5\n+five\n"
    refused = run("apply", "--only", "b.txt", cwd=repo.root, stdin=patch)
    assert "  a.txt:5: it lies outside of b.txt (only)" in refused.err
