"""What a model is shown with a prompt, and what is held back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from codexspark_tui import syntax
from codexspark_tui.git import list_files
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.session.context.choosing import RepositoryContext
from codexspark_tui.session.context.model import (
    Chosen,
    LeftOut,
    Wanted,
)
from codexspark_tui.session.context.outline import outline
from codexspark_tui.session.context.picking import MOST_LISTED, Picking
from codexspark_tui.session.context.searched import identifiers
from codexspark_tui.session.conversation import fenced
from codexspark_tui.session.tokens import Estimator, pieces
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo

FILES: dict[str, str | bytes] = {
    "src/io.py": "def read_header(path):\n    return path\n",
    "src/use.py": "from src.io import read_header\n\nread_header(1)\n",
    "src/other.py": "x = 1\n",
    "docs/a.md": "# A\n",
    "logo.bin": b"\x00\x01\x02",
    "pic.png": b"\x89PNG\r\n",
    ".env": "TOKEN=abc\n",
    "key.txt": "-----BEGIN RSA PRIVATE KEY-----\nabc\n",
}


@pytest.fixture
def files(repo: Repo) -> Repo:
    repo.commit(FILES)
    return repo


def choose(repo: Repo, prompt: str, *named: str, budget: int = 8000, **more: object) -> Chosen:
    workspace = Workspace.open(repo.root)
    try:
        wanted = Wanted(prompt, named, budget, **more)  # type: ignore[arg-type]
        return RepositoryContext(workspace, Estimator()).choose(wanted)
    finally:
        workspace.close()


def reasons(chosen: Chosen) -> dict[str, str]:
    return {piece.path: piece.reason for piece in chosen.pieces if piece.form != "list"}


def test_named_mentioned_and_found_files_go_along_with_their_reasons(files: Repo) -> None:
    prompt = "let read_header take bytes, as @a.md says, not in other.py"
    chosen = choose(files, prompt, "src/use.py")
    assert reasons(chosen) == {
        "src/use.py": "named",
        "docs/a.md": "mentioned",
        "src/other.py": "in the prompt",
        "src/io.py": "defines read_header",
    }
    assert chosen.left_out == ()
    assert chosen.pieces[0].form == "list"
    assert "src/io.py\n" in chosen.pieces[0].text
    assert ".env" not in chosen.pieces[0].text


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (".env", "its name says that it holds secrets"),
        ("key.txt", "it holds something that looks like a key"),
        ("logo.bin", "it is binary"),
        ("none.py", "there is no such file"),
    ],
)
def test_what_is_held_back_is_named_with_the_reason(files: Repo, path: str, why: str) -> None:
    chosen = choose(files, "look", path)
    assert chosen.left_out == (LeftOut(path, why),)
    assert reasons(chosen) == {}


def test_a_link_to_a_secret_or_out_of_the_tree_is_held_back(files: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("far away")
    (files.root / "innocent.txt").symlink_to(".env")
    (files.root / "out.txt").symlink_to(tmp_path / "outside")
    chosen = choose(files, "look", "innocent.txt", "out.txt")
    assert [left.path for left in chosen.left_out] == ["innocent.txt", "out.txt"]
    assert reasons(chosen) == {}


def test_a_secret_name_is_held_back_whatever_it_leads_to(files: Repo) -> None:
    (files.root / ".env.local").symlink_to("src/other.py")
    chosen = choose(files, "look", ".env.local")
    assert chosen.left_out == (LeftOut(".env.local", "its name says that it holds secrets"),)
    assert reasons(chosen) == {}


def test_a_file_without_room_goes_as_its_outline_or_is_named(files: Repo) -> None:
    body = "\n".join(f"def f{n}(a):\n" + "    a += 1\n" * 40 for n in range(20))
    files.commit({"long.py": body, "long.txt": "word " * 20_000})
    chosen = choose(files, "look", "long.py", "long.txt", budget=1000)
    by_path = {piece.path: piece for piece in chosen.pieces}
    assert by_path["long.py"].form == "outline"
    assert by_path["long.py"].text.startswith("1: def f0(a)\n")
    assert [left.path for left in chosen.left_out] == ["long.py", "long.txt"]
    assert sum(piece.tokens for piece in chosen.pieces) <= 1000


def test_what_was_sent_before_is_not_sent_again_until_it_changes(files: Repo) -> None:
    first = choose(files, "look", "src/io.py")
    known = {piece.path: piece.digest for piece in first.pieces if piece.digest}
    again = choose(files, "look", "src/io.py", known=known, with_list=False)
    assert [(p.path, p.known, p.text) for p in again.pieces] == [("src/io.py", True, "")]
    files.write({"src/io.py": "def read_header(path, size):\n    return path\n"})
    assert not choose(files, "look", "src/io.py", known=known).pieces[0].known


class Heads:
    """A guide that knows the heads of any file."""

    def telling(self, text: str) -> Sequence[tuple[int, int]]:
        return ()

    def heads(self) -> str:
        return "1: def f(a)"


def test_outlines_and_lists_of_folders_name_no_secret(files: Repo) -> None:
    body = "def f(a):\n    return a\n"
    leak = f"{body}KEY = 'AKIA{'Q7RZ3MWX5TBN2KLD'}'\n"
    many = {f"many/f{n}.txt": "" for n in range(MOST_LISTED)}
    files.commit({"leak.py": leak, "fine.py": body, ".env.local": body, ".ssh/known": body, **many})
    workspace = Workspace.open(files.root)
    picking = Picking(workspace, Estimator(), Wanted("x", (), 8000))
    for path in ("leak.py", ".env.local", ".ssh/known", "fine.py"):
        picking.take_outline(path, "near", Heads())
    assert [piece.path for piece in picking.pieces] == ["fine.py"]
    picking.list_files(list_files(files.root))
    workspace.close()
    assert f"many/ ({MOST_LISTED} files)\n" in picking.pieces[-1].text
    assert ".ssh" not in picking.pieces[-1].text


def test_an_image_is_taken_as_one(files: Repo) -> None:
    chosen = choose(files, "look", "pic.png")
    assert [(image.media_type, image.data) for image in chosen.images] == [
        ("image/png", b"\x89PNG\r\n")
    ]


def test_a_folder_stands_for_its_files(files: Repo) -> None:
    assert set(reasons(choose(files, "look", "src"))) == {"src/io.py", "src/use.py", "src/other.py"}


@pytest.mark.parametrize("prompt", ["@", "@../../etc/passwd", "@/etc/passwd", "`" * 99, "(" * 5000])
def test_strange_prompts_find_nothing_and_break_nothing(files: Repo, prompt: str) -> None:
    assert reasons(choose(files, prompt)) == {}


def test_names_that_are_not_utf8_and_devices_are_no_trouble(files: Repo) -> None:
    (files.root / os.fsdecode(b"caf\xe9.txt")).write_text("x\n")
    os.mkfifo(files.root / "pipe.txt")
    chosen = choose(files, "look", os.fsdecode(b"caf\xe9.txt"), "pipe.txt")
    assert reasons(chosen) == {os.fsdecode(b"caf\xe9.txt"): "named"}
    assert [left.path for left in chosen.left_out] == ["pipe.txt"]


def test_identifiers_are_the_words_that_look_like_code() -> None:
    said = "rename `load` and parse_header() of Reader.parse, please make fooBar take utf8 too"
    assert identifiers(said) == ["load", "parse_header", "Reader", "parse", "fooBar", "utf8"]


@pytest.mark.parametrize(
    "path",
    [
        ".env", "app/.env.production", "id_rsa", "certs/server.pem", ".npmrc", "credentials.json",
        "config/secrets.yml", "aws-credentials", ".aws/config", "service-account-1.json",
        "prod.tfvars", "client_secret.json", "db.kdbx", ".netrc", "SECRETS.TOML", ".ssh/known",
    ],
)  # fmt: skip
def test_names_of_secrets(path: str) -> None:
    assert secret_by_name(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/secrets.py", ".env.example", "id_rsa.pub", "keys.md", "monkey.py", "src/keyboard.ts",
        "environment.yml", "package.json", "tokens.go", "docs/credentials.md", "password_test.go",
    ],
)  # fmt: skip
def test_names_of_ordinary_files(path: str) -> None:
    assert not secret_by_name(path)


def test_contents_of_secrets() -> None:
    assert secret_by_content("x = 'ghp_" + "a1" * 20 + "'")
    assert secret_by_content("AKIA" + "ABCDEFGHIJKLMNOP")
    assert not secret_by_content("sk-short and BEGIN PUBLIC KEY and AKIA")


def test_outlines_of_other_languages_and_of_python_that_does_not_parse() -> None:
    def heads(path: str, text: str) -> str:
        return outline(syntax.outline(path, text).symbols)

    go = "package x\n\nfunc (r *R) Do(a int) error {\n\treturn nil\n}\n"
    assert heads("a.go", go) == "3:     func (r *R) Do(a int) error"
    assert "3: class A" in heads("a.py", "def f(:\n  x\nclass A:\n    y = 1\n")
    python = "class A(B):\n    async def f(self, *, a: int = 1) -> str: ...\nX = 1\ny = 2\n"
    assert heads("a.py", python) == (
        "1: class A(B)\n2:     async def f(self, *, a: int = 1) -> str\n3: X = 1"
    )


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````"


def test_the_estimate_follows_what_the_server_counts() -> None:
    text = "def read_header(path):\n    return path\n" * 100
    estimator = Estimator()
    for _ in range(6):
        estimator.learn(pieces(text), 1500)
    assert abs(estimator.tokens(text) - 1500) < 50
    estimator.learn(pieces(text), 10**9)
    assert estimator.scale <= 2.5


def test_a_file_name_in_the_prompt_is_no_name_of_code(files: Repo) -> None:
    files.commit({"notes.txt": "txt md io.py\n", "use_txt.c": "int txt;\n"})
    assert reasons(choose(files, "shout in notes.txt")) == {"notes.txt": "in the prompt"}


def test_what_was_dropped_is_not_found_again(files: Repo) -> None:
    chosen = choose(files, "let read_header take bytes", dropped=("src/io.py",))
    assert "src/io.py" not in reasons(chosen)
    assert [left.path for left in chosen.left_out] == ["src/io.py"]


def test_the_person_is_told_of_what_they_named_and_of_secrets_only(files: Repo) -> None:
    long = "needle_word\n" + "word " * 20_000
    leak = "-----BEGIN RSA PRIVATE KEY-----\nneedle_word\n"
    files.commit({"found.txt": long, "named.txt": long, "leak.txt": leak})
    chosen = choose(files, "look for needle_word", "named.txt", budget=500)
    told = {left.path: left.wanted for left in chosen.left_out}
    assert told == {"named.txt": True, "found.txt": False, "leak.txt": True}
