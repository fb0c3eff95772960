"""Renaming a symbol: the bytes of files survive, and only the project's own files are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.codemods.model import RenameSymbol
from tests.codemods.support import edits, make, texts


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_mark_survive(tmp_path: Path, end: str, mark: str) -> None:
    text = mark + end.join(["# é 😀 old", "def old(a):", "\treturn old", 'X = """a', 'b"""'])
    repo = make(tmp_path, {"m.py": text})
    answer = edits(repo, RenameSymbol("old", "new"))
    assert texts(answer)["m.py"] == text.replace("def old", "def new").replace("n old", "n new")


def test_mixed_line_ends_survive_line_by_line(tmp_path: Path) -> None:
    text = "def old():\r\n    pass\nold()\r\nx = old\n"
    repo = make(tmp_path, {"m.py": text})
    assert texts(edits(repo, RenameSymbol("old", "brand_new")))["m.py"] == text.replace(
        "old", "brand_new"
    )


def test_coding_line_counts(tmp_path: Path) -> None:
    text = "# coding: latin-1\nX = 'é'\ndef old(): return X\n"
    repo = make(tmp_path, {"m.py": text.encode("latin-1")})
    assert texts(edits(repo, RenameSymbol("old", "new")))["m.py"] == text.replace("old", "new")


def test_broken_files_are_skipped_and_named(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "a.py": "def old(): ...\n",
            "bad.py": "def old(:\n",
            "odd.py": b"old = '\xff'\n",
            "nul.py": b"old = 1\0\n",
            "lie.py": b"# coding: utf-7\nold = 1 # +AOk-\n\n# \xc3\xa9\n",
        },
    )
    answer = edits(repo, RenameSymbol("a.old", "new"))
    assert list(texts(answer)) == ["a.py"]
    reasons = dict(answer.skipped)
    assert set(reasons) == {"bad.py", "odd.py", "nul.py", "lie.py"}
    assert "does not parse" in reasons["bad.py"]
    assert "cannot be decoded" in reasons["odd.py"]


def test_ignored_folders_and_links_are_never_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("from a import old\n")
    repo = make(tmp_path, {"a.py": "def old(): ...\n", ".gitignore": ".venv/\nbuild/\n"})
    repo.write({".venv/x.py": "from a import old\n", "build/a.py": "def old(): ...\n"})
    (repo.root / "link.py").symlink_to(outside / "secret.py")
    (repo.root / "folder").symlink_to(outside)
    repo.git("add", "-A")
    answer = edits(repo, RenameSymbol("old", "new"))
    assert list(texts(answer)) == ["a.py"]
    assert dict(answer.skipped)["link.py"] == "it is a symbolic link"
