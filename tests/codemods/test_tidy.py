"""Ruff's fixes: only what was asked, by the project's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.codemods.model import Tidy
from tests.codemods.support import edits, make, refused, texts

MESSY = (
    "from typing import List\nimport sys, os\nimport json\nx: List[int] = [ 1,2 ]\n"
    "def f(a):\n  if a:\n    return True\n  else:\n    return False\nprint(sys, json)\n"
)


@pytest.mark.parametrize(
    ("asked", "has", "has_not"),
    [
        (Tidy(imports=True), "import sys\n", "os"),
        (Tidy(sort=True), "import json\nimport os\nimport sys\nfrom typing", "list[int]"),
        (Tidy(modernise=True), "x: list[int]", "import json\nimport os"),
        (Tidy(simplify=True), "    return True\n  return False", "list[int]"),
        (Tidy(format=True), "x: List[int] = [1, 2]", "list[int]"),
    ],
)
def test_only_what_was_asked(tmp_path: Path, asked: Tidy, has: str, has_not: str) -> None:
    repo = make(tmp_path, {"m.py": MESSY})
    after = texts(edits(repo, asked))["m.py"] or ""
    assert has in after
    assert has_not not in after


def test_files_and_folders_are_respected(tmp_path: Path) -> None:
    bad = "import os\n"
    repo = make(tmp_path, {"a.py": bad, "src/b.py": bad, "src/c/d.py": bad, "srcs/e.py": bad})
    assert set(texts(edits(repo, Tidy(imports=True)))) == {
        "a.py",
        "src/b.py",
        "src/c/d.py",
        "srcs/e.py",
    }
    assert set(texts(edits(repo, Tidy(("src",), imports=True)))) == {"src/b.py", "src/c/d.py"}
    assert set(texts(edits(repo, Tidy(("./a.py",), imports=True)))) == {"a.py"}


def test_settings_of_the_project_count_but_not_its_rules(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "pyproject.toml": (
                "[project]\nname='x'\nversion='1'\nrequires-python='>=3.8'\n"
                "[tool.ruff]\nline-length = 30\nrequired-version='>=99'\nexclude=['gen.py']\n"
                "[tool.ruff.lint]\nselect=['ALL']\nunfixable=['F401']\n"
                "per-file-ignores={'keep.py'=['F401']}\n"
            ),
            "m.py": (
                "import os\nfrom typing import List\nx: List = call(aaaaaaaaaaa, bbbbbbbbbbb)\n"
            ),
            "keep.py": "import os\n",
            "gen.py": "import os\n",
        },
    )
    assert texts(edits(repo, Tidy(imports=True))) == {
        "m.py": "from typing import List\nx: List = call(aaaaaaaaaaa, bbbbbbbbbbb)\n"
    }
    assert "call(\n    aaaaaaaaaaa" in (texts(edits(repo, Tidy(format=True)))["m.py"] or "")
    assert texts(edits(repo, Tidy(modernise=True))) == {}
    assert set(texts(edits(repo, Tidy(("gen.py",), imports=True)))) == {"gen.py"}


def test_own_modules_are_sorted_as_own(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "src/mine/__init__.py": "",
            "src/mine/a.py": "",
            "tests/t.py": "import mine.a\nimport sys\nimport zlib\n",
        },
    )
    after = texts(edits(repo, Tidy(("tests/t.py",), sort=True)))
    assert after == {"tests/t.py": "import sys\nimport zlib\n\nimport mine.a\n"}


def test_init_files_keep_their_imports(tmp_path: Path) -> None:
    repo = make(tmp_path, {"pkg/__init__.py": "from .a import x\n", "pkg/a.py": "x = 1\n"})
    answer = edits(repo, Tidy(imports=True))
    assert texts(answer) == {}
    assert "changes no file" in answer.summary
    assert "F401 pkg/__init__.py:1" in answer.notices[0]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_line_ends_survive(tmp_path: Path, end: str) -> None:
    text = MESSY.replace("\n", end)
    repo = make(tmp_path, {"m.py": text})
    after = texts(edits(repo, Tidy(imports=True, sort=True, format=True)))["m.py"] or ""
    assert after.count("\n") == after.count(end)


def test_broken_files_are_named_and_the_others_done(tmp_path: Path) -> None:
    repo = make(
        tmp_path, {"bad.py": "import os\ndef f(:\n", "good.py": "import os\n", "x.py": b"\xff"}
    )
    answer = edits(repo, Tidy(imports=True, format=True))
    assert set(texts(answer)) == {"good.py"}
    assert "does not parse" in dict(answer.skipped)["bad.py"]
    assert "decoded" in dict(answer.skipped)["x.py"]


def test_broken_settings_are_a_sentence(tmp_path: Path) -> None:
    repo = make(tmp_path, {"ruff.toml": "line-length = 'long'\n", "a.py": "import os\n"})
    answer = refused(repo, Tidy(imports=True))
    assert "ruff could not run with the settings of this project" in answer.why
    assert "\n" not in answer.why


def test_names_that_look_like_options(tmp_path: Path) -> None:
    repo = make(
        tmp_path, {"--fix.py": "import os\n", "a b/é.py": "import os\n", "-/x.py": "import os\n"}
    )
    assert set(texts(edits(repo, Tidy(imports=True)))) == {"--fix.py", "a b/é.py", "-/x.py"}


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "x = 1\n", "b.txt": "hi\n"})
    assert "nothing to tidy was asked for" in refused(repo, Tidy()).why
    assert "no Python files in b.txt" in refused(repo, Tidy(("b.txt",), sort=True)).why
    assert "no Python files in nope" in refused(repo, Tidy(("nope",), sort=True)).why
