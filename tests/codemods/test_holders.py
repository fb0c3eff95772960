"""Which files a codemod reads where the index tells who holds a name; the answer is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from codexspark_tui.actions.codemod_index import FEW, looked_up
from codexspark_tui.codemods.engine import propose
from codexspark_tui.codemods.model import (
    Candidate,
    CannotDo,
    Edits,
    Inline,
    MoveModule,
    MoveName,
    Place,
    RenameModule,
    RenameSymbol,
    Request,
)
from codexspark_tui.codemods.sources import Library, Project
from codexspark_tui.index.index import Index
from tests.codemods.support import edits, make, project_of, texts
from tests.support.repo import Repo

PROJECT: dict[str, str | bytes] = {
    "pkg/__init__.py": 'from .io import parse\n\n__all__ = ["parse"]\n',
    "pkg/io.py": "LIMIT = 3\n\n\ndef parse(x):\n    return x + LIMIT\n",
    "pkg/use.py": "from pkg.io import parse\n\nprint(parse(1))\n",
    "spaces/deep/tool.py": "from pkg import io\n\n\ndef run():\n    return io.parse(2)\n",
    "script.py": "import spaces.deep.tool\n\nspaces.deep.tool.run()\n",
    "web/app.ts": "export function parse(x: string) { return x }\n",
    "docs/use.md": "Call `parse(x)` of pkg.io.\n",
    "latin.py": "# -*- coding: latin-1 -*-\nfrom pkg.io import parse  # é\n".encode("latin-1"),
    "vendor/old.py": "from pkg.io import parse\n",
    "other.py": "print(1)\n",
}
REQUESTS: tuple[Request, ...] = (
    RenameSymbol("parse", "decode"),
    RenameSymbol("run", "start"),
    RenameModule("pkg.io", "files"),
    RenameModule("spaces/deep/tool.py", "tools"),
    MoveName("parse", "pkg.use"),
    MoveModule("pkg.io", "spaces"),
    Inline("LIMIT"),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_answer_is_the_same_with_an_index_and_without(request_: Request, tmp_path: Path) -> None:
    repo = make(tmp_path, PROJECT)
    plain = propose(request_, project_of(repo))
    found = looked_up(repo.root, request_, use_index=True)
    assert found.holders
    answer = propose(request_, found)
    assert isinstance(answer, Edits), answer
    assert isinstance(plain, Edits), plain
    assert answer.files == plain.files
    assert answer.extras == plain.extras


def test_only_files_that_may_hold_the_name_are_read(tmp_path: Path) -> None:
    repo = make(tmp_path, PROJECT)
    held = looked_up(repo.root, RenameSymbol("parse", "decode"), use_index=True).holders["parse"]
    assert "other.py" not in held
    assert "script.py" not in held
    assert {"pkg/__init__.py", "pkg/io.py", "latin.py", "vendor/old.py", "docs/use.md"} <= held
    library = Library(Project(repo.root, ("other.py", "pkg/io.py"), {"parse": frozenset(held)}))
    (repo.root / "other.py").write_text("parse = 1\n")  # so it would be found if it were read
    assert [source.path for source in library.python_with("parse")] == ["pkg/io.py"]


def test_a_file_that_changed_since_it_was_read_is_looked_at(tmp_path: Path) -> None:
    repo = make(tmp_path, PROJECT)
    with closing(Index.open(repo.root)) as index:
        index.refresh()
        index.build()
        assert index.waiting == 0
    repo.write({"other.py": "from pkg.io import parse\n", "new.py": "import pkg.io\npkg.io.parse"})
    made = looked_up(repo.root, RenameSymbol("pkg.io.parse", "decode"), use_index=True)
    answer = propose(RenameSymbol("pkg.io.parse", "decode"), made)
    assert isinstance(answer, Edits)
    after = texts(answer)
    assert after["other.py"] == "from pkg.io import decode\n"
    assert after["new.py"] == "import pkg.io\npkg.io.decode"


def test_a_change_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "x = 1\n"})
    with closing(Index.open(repo.root)) as index:
        index.refresh()
        path = repo.root / "a.py"
        path.write_text("y = 1\n")
        index.read_now(["a.py"])
        seen = path.stat()
        path.write_text("z = 2\n")
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # same size, same time
        assert index.refresh().changed == ("a.py",)


def test_a_file_with_more_words_than_are_kept_is_looked_at(tmp_path: Path) -> None:
    many = "\n".join(f"name_{number} = {number}" for number in range(7_000))
    repo = make(tmp_path, {**PROJECT, "many.py": many + "\nfrom pkg.io import parse\n"})
    made = looked_up(repo.root, RenameSymbol("parse", "decode"), use_index=True)
    assert made.holders["parse"] >= {"many.py"}
    assert propose(RenameSymbol("parse", "decode"), made)


def test_without_an_index_git_tells_also_where_there_is_no_repository(tmp_path: Path) -> None:
    many = {f"m{number}.py": f"x = {number}\n" for number in range(FEW)}
    repo = make(tmp_path, {**PROJECT, **many, ".gitattributes": "*.py binary\n"})
    made = looked_up(repo.root, RenameSymbol("parse", "decode"), use_index=False)
    holders = frozenset(p for p, text in PROJECT.items() if b"parse" in _bytes(text))
    assert made.holders == {"parse": holders}
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in repo.root.rglob("*.py"):
        target = bare / path.relative_to(repo.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    alone = looked_up(bare, RenameSymbol("parse", "decode"), use_index=False)
    code = frozenset(path for path in holders if path.endswith(".py"))
    assert (alone.holders, len(alone.files)) == ({"parse": code}, len(many) + 8)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("name", ["x", "größe", "n" * 80])
def test_names_that_the_index_does_not_keep_are_looked_for_everywhere(
    name: str, tmp_path: Path
) -> None:
    repo = make(tmp_path, {"a.py": f"{name} = 1\n", "b.py": f"from a import {name}\n"})
    made = looked_up(repo.root, RenameSymbol(name, "fresh"), use_index=True)
    assert name not in made.holders
    answer = propose(RenameSymbol(name, "fresh"), made)
    assert isinstance(answer, Edits)
    assert texts(answer)["b.py"] == "from a import fresh\n"


def test_a_name_of_another_language_is_told_with_its_place(tmp_path: Path) -> None:
    repo = make(tmp_path, {**PROJECT, "web/user.ts": "export function fetchUser() {}\n"})
    request = RenameSymbol("fetchUser", "loadUser")
    answer = propose(request, looked_up(repo.root, request, use_index=True))
    assert answer == CannotDo(
        "“fetchUser” is defined in web/user.ts:1 (function), and only Python names can be changed "
        "everywhere",
        "See its places with: git grep -nw fetchUser; spark replace changes code of other "
        "languages by its structure",
    )
    both = propose(
        RenameSymbol("parse", "decode"),
        looked_up(repo.root, RenameSymbol("parse", "decode"), use_index=True),
    )
    assert isinstance(both, Edits)
    said = "The function “parse” in web/app.ts:1 is not Python and stays as it is."
    assert said in both.notices


def test_hints_survive_the_pipe_to_the_worker(tmp_path: Path) -> None:
    from codexspark_tui.codemods.wire import decode_request, encode_request

    candidate = Candidate("Box.open", "struct", Place("a.rs", 3), "struct Box")
    project = Project(
        tmp_path, ("a.py",), {"parse": frozenset({"a.py", "b\udcff.py"})}, (candidate,)
    )
    request = RenameSymbol("parse", "decode")
    assert decode_request(encode_request(request, project)) == (request, project)


def test_a_module_that_is_named_twice_is_settled_by_its_path(tmp_path: Path) -> None:
    from tests.support.spark import run

    repo = make(tmp_path, {"a/tool.py": "X = 1\n", "b/tool.py": "Y = 1\n"})
    for folder in "ab":
        repo.write({f"{folder}/__init__.py": ""})
    ran = run("rename", "tool", "kit", "--kind", "module", cwd=repo.root)
    assert ran.code == 2
    assert "  1. module a.tool  a/tool.py:1" in ran.err
    assert run("rename", "a/tool.py", "kit", "--kind", "module", cwd=repo.root).code == 0


@pytest.mark.full
def test_rename_in_ten_thousand_files_reads_few(tmp_path: Path) -> None:
    """The index is what makes it quick: the same request with it and without, in one run."""
    many: dict[str, str | bytes] = {
        f"p{n % 97}/m{n}.py": f"def call_{n}(x):\n    return call_{n // 2}(x)\n" * 40
        for n in range(10_000)
    }
    repo = make(tmp_path, many)
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from codexspark_tui.codemods.engine import propose\n"
        "from codexspark_tui.codemods.model import RenameSymbol\n"
        "from codexspark_tui.codemods.sources import Project\n"
        "from codexspark_tui.actions.codemod_index import looked_up\n"
        "request = RenameSymbol('call_77', 'fresh')\n"
        "project = looked_up(Path(sys.argv[1]), request, use_index=True)\n"
        "if sys.argv[2] == 'all': project = Project(project.root, project.files)\n"
        "begun = time.process_time()\nassert propose(request, project).files\n"
        "print(time.process_time() - begun)\n"
    )
    with closing(Index.open(repo.root)) as index:
        index.refresh()
        index.build()
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", code, os.fspath(repo.root), how],
                capture_output=True,
                check=True,
            ).stdout
        )
        for how in ("all", "index")
    ]
    assert times[1] < times[0] / 2


def test_definitions_know_their_module(tmp_path: Path) -> None:
    repo: Repo = make(tmp_path, PROJECT)
    answer = edits(repo, RenameSymbol("pkg.io.parse", "decode"))
    assert "pkg/use.py" in texts(answer)
