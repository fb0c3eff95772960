"""Moving names and modules: every import follows, and the project still imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codexspark_tui.codemods.model import (
    AmbiguousName,
    MoveModule,
    MoveName,
    RenameModule,
    Request,
)
from tests.codemods.support import accept, ask, edits, make, refused, texts
from tests.support.repo import Repo

FILES: dict[str, str | bytes] = {
    "src/pkg/__init__.py": "from . import io\nfrom .io import parse\n",
    "src/pkg/io.py": (
        "from __future__ import annotations\n\n"
        "import re\nfrom .util import helper\nfrom . import util\n\n"
        "X = 1\n\n\n# About parse.\ndef parse(x: re.Pattern | int):\n"
        "    return re.sub('a', 'b', str(helper(x)))\n\n\ndef other():\n    return X, util\n"
    ),
    "src/pkg/util.py": (
        "def helper(x):\n    return x\n\n\ndef late():\n    import pkg.io\n    return pkg.io.X\n"
    ),
    "src/pkg/core/__init__.py": "",
    "src/pkg/core/data.txt": "data\n",
    "src/pkg/core/deep.py": "from ..io import X\nfrom .. import io as i\n\nY = X + i.X\n",
    "tests/use.py": (
        "import pkg.io\nimport pkg.io as pio, os\nfrom pkg import io, util\nfrom pkg.io import (\n"
        "    parse,  # first\n    X,\n)\nimport pkg.core.deep\n\n"
        "print(pkg.io.parse(1), io.parse(1), pio.parse(2), parse(3),\n"
        "      f'{pkg.io.X} {X}', pkg.parse(4), util.late(), pkg.core.deep.Y, os.sep)\n"
    ),
    "README.md": "See `pkg.io` in src/pkg/io.py.\n",
}
PRINTED = "1 1 2 3 1 1 4 1 2 /\n"


def run(repo: Repo) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "tests/use.py"],
        cwd=repo.root,
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("request_", "gone", "there"),
    [
        (RenameModule("pkg.io", "reader"), "src/pkg/io.py", "src/pkg/reader.py"),
        (RenameModule("src/pkg/io.py", "reader.py"), "src/pkg/io.py", "src/pkg/reader.py"),
        (RenameModule("pkg.core", "heart"), "src/pkg/core/data.txt", "src/pkg/heart/data.txt"),
        (RenameModule("pkg", "box"), "src/pkg/io.py", "src/box/io.py"),
        (MoveModule("pkg.io", "pkg.core"), "src/pkg/io.py", "src/pkg/core/io.py"),
        (MoveModule("pkg/io.py", "pkg/core"), "src/pkg/io.py", "src/pkg/core/io.py"),
        (MoveModule("pkg.core", "src"), "src/pkg/core/deep.py", "src/core/deep.py"),
        (MoveModule("pkg.util", "src"), "src/pkg/util.py", "src/util.py"),
        (MoveName("parse", "pkg.util"), "", "src/pkg/util.py"),
        (MoveName("parse", "src/pkg/text.py"), "", "src/pkg/text.py"),
        (MoveName("pkg.util.helper", "pkg.core"), "", "src/pkg/core/__init__.py"),
        (MoveName("io.X", "pkg.core"), "", "src/pkg/core/__init__.py"),
    ],
    ids=repr,
)
def test_the_project_runs_as_before(
    tmp_path: Path, request_: Request, gone: str, there: str
) -> None:
    repo = make(tmp_path, FILES)
    assert run(repo) == PRINTED
    accept(repo, edits(repo, request_))
    assert run(repo) == PRINTED
    assert (repo.root / there).exists()
    assert not gone or not (repo.root / gone).exists()


def test_only_import_lines_change(tmp_path: Path) -> None:
    repo = make(tmp_path, FILES)
    answer = edits(repo, RenameModule("pkg.io", "reader"))
    after = texts(answer)
    assert after["src/pkg/__init__.py"] == "from . import reader\nfrom .reader import parse\n"
    assert after["src/pkg/reader.py"] == FILES["src/pkg/io.py"]
    assert after["src/pkg/core/deep.py"] == (
        "from ..reader import X\nfrom .. import reader as i\n\nY = X + i.X\n"
    )
    moved = [(e.path, e.move_to) for e in answer.files if e.move_to]
    assert moved == [("src/pkg/io.py", "src/pkg/reader.py")]
    assert [(e.edit.after, e.on) for e in answer.extras] == [
        ("See `pkg.reader` in src/pkg/reader.py.\n", False)
    ]


def test_a_taken_name_keeps_the_old_one_as_alias(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "V = 1\n",
            "use.py": "from pkg import a\nb = 2\nprint(a.V)\n",
        },
    )
    after = texts(edits(repo, RenameModule("pkg.a", "b")))
    assert after["use.py"] == "from pkg import b as a\nb = 2\nprint(a.V)\n"


def test_a_move_takes_comments_and_imports_along(tmp_path: Path) -> None:
    repo = make(tmp_path, FILES)
    after = texts(edits(repo, MoveName("parse", "src/pkg/text.py")))
    assert after["src/pkg/text.py"] == (
        "from __future__ import annotations\n\nimport re\nfrom pkg.util import helper\n\n\n"
        "# About parse.\ndef parse(x: re.Pattern | int):\n"
        "    return re.sub('a', 'b', str(helper(x)))\n"
    )
    assert "def parse" not in (after["src/pkg/io.py"] or "")
    assert after["src/pkg/__init__.py"] == "from . import io\nfrom .text import parse\n"


def test_line_ends_survive_a_move(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "a.py": "import os\r\n\r\n\r\ndef f():\r\n    return os\r\n\r\n\r\nx = 1\r\n",
            "b.py": "y = 1\r\n",
            "c.py": "from a import f, x\r\nf()\r\n",
        },
    )
    assert texts(edits(repo, MoveName("f", "b"))) == {
        "a.py": "import os\r\n\r\n\r\nx = 1\r\n",
        "b.py": "import os\r\n\r\ny = 1\r\n\r\n\r\ndef f():\r\n    return os\r\n",
        "c.py": "from b import f\r\nfrom a import x\r\nf()\r\n",
    }


def test_modules_that_would_import_each_other_are_refused(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {"a.py": "X = 1\n\n\ndef f():\n    return X\n\n\nprint(f())\n", "b.py": "y = 1\n"},
    )
    answer = refused(repo, MoveName("f", "b"))
    assert "would import each other" in answer.why
    assert "X" in answer.next_step


def test_a_circle_over_other_modules_is_refused(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "low.py": "def f(): ...\n",
            "middle.py": "from low import f\n\nV = f\n",
            "high.py": "import middle\n",
            "safe.py": "def late():\n    import middle\n",
        },
    )
    assert "high.py → middle.py → high.py" in refused(repo, MoveName("f", "high")).why
    assert set(texts(edits(repo, MoveName("f", "safe")))) == {"low.py", "middle.py", "safe.py"}


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (RenameModule("nope", "x"), "there is no module “nope”"),
        (RenameModule("pkg.io", "util"), "src/pkg/util.py exists already"),
        (RenameModule("pkg.io", "class"), "keyword"),
        (MoveModule("pkg.io", "nowhere.at"), "no package or folder “nowhere.at”"),
        (MoveModule("pkg", "pkg.core"), "into itself"),
        (MoveModule("pkg.core", "pkg"), "already in src/pkg"),
        (MoveName("parse", "pkg.io"), "already in src/pkg/io.py"),
        (MoveName("parse", "no.such"), "there is no module “no.such”"),
        (MoveName("prase", "pkg.util"), "no “prase” is defined"),
    ],
    ids=repr,
)
def test_what_cannot_be_done_says_why(tmp_path: Path, request_: Request, why: str) -> None:
    answer = refused(make(tmp_path, FILES), request_)
    assert why in answer.why
    assert answer.next_step


def test_a_module_name_may_be_ambiguous(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a/__init__.py": "", "a/x.py": "", "b/__init__.py": "", "b/x.py": ""})
    answer = ask(repo, RenameModule("x", "y"))
    assert isinstance(answer, AmbiguousName)
    assert [c.place.path for c in answer.candidates] == ["a/x.py", "b/x.py"]


def test_namespace_packages_have_their_full_name(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "src/ns/part/mod.py": "V = 1\n",
            "use.py": "from ns.part.mod import V\nimport ns.part.mod\n",
        },
    )
    after = texts(edits(repo, RenameModule("ns.part.mod", "new")))
    assert after["use.py"] == "from ns.part.new import V\nimport ns.part.new\n"


@pytest.mark.parametrize("above", ["", "# Licence.\n", '"""Doc."""\n', "#!/bin/sh\n# about\n"])
def test_a_definition_at_the_top_of_its_module_leaves_it(tmp_path: Path, above: str) -> None:
    """Where the new import goes is where the definition was."""
    code = "def total(a):\n    return a\n\n\nprint(total(1))\n"
    project = make(tmp_path, {"t.py": above + code})
    answer = edits(project, MoveName("total", "util"))
    moved = texts(answer)
    assert answer.skipped == ()
    assert moved["t.py"]
    assert moved["util.py"]
    assert "def total" not in moved["t.py"]
    assert moved["t.py"].count("from util import total\n") == 1
    assert moved["t.py"].endswith("\nprint(total(1))\n")
    assert moved["util.py"].endswith("def total(a):\n    return a\n")
