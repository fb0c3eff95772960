"""Renaming a symbol: every place that means it, and no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codexspark_tui.codemods.model import (
    AmbiguousName,
    Place,
    RenameSymbol,
)
from tests.codemods.support import accept, ask, edits, make, refused, texts

PROJECT: dict[str, str | bytes] = {
    "src/pkg/__init__.py": 'from .io import parse\n\n__all__ = ["parse"]\n',
    "src/pkg/io.py": (
        '"""Call `parse(x)`."""\n\n\n'
        "def parse(data, *, strict=False):\n"
        "    # parse() is quick\n"
        '    return data if strict else f"{data}"\n\n\n'
        "def parse_all(items):\n"
        "    return [parse(item, strict=True) for item in items]\n"
    ),
    "src/pkg/deep/__init__.py": "",
    "src/pkg/deep/use.py": (
        "from .. import parse as p\nfrom ..io import parse\n\nX = (p(1), parse(2))\n"
    ),
    "tests/test_io.py": (
        "import pkg\nimport pkg.io as pio\n\n\n"
        "def test_all():\n"
        "    assert pkg.parse(1, strict=True) == pio.parse(1, strict=True) == 1\n"
        '    assert getattr(pio, "parse")(2) == "2"\n'
    ),
    "README.md": "Use `parse(x)`. We parse files.\n",
}


def run_python(root: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONPATH": "src:tests", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_function_is_renamed_through_reexports_aliases_and_packages(tmp_path: Path) -> None:
    repo = make(tmp_path, PROJECT)
    answer = edits(repo, RenameSymbol("parse", "decode"))
    assert texts(answer) == {
        "src/pkg/__init__.py": 'from .io import decode\n\n__all__ = ["parse"]\n',
        "src/pkg/io.py": (
            '"""Call `parse(x)`."""\n\n\n'
            "def decode(data, *, strict=False):\n"
            "    # parse() is quick\n"
            '    return data if strict else f"{data}"\n\n\n'
            "def parse_all(items):\n"
            "    return [decode(item, strict=True) for item in items]\n"
        ),
        "src/pkg/deep/use.py": (
            "from .. import decode as p\nfrom ..io import decode\n\nX = (p(1), decode(2))\n"
        ),
        "tests/test_io.py": (
            "import pkg\nimport pkg.io as pio\n\n\n"
            "def test_all():\n"
            "    assert pkg.decode(1, strict=True) == pio.decode(1, strict=True) == 1\n"
            '    assert getattr(pio, "parse")(2) == "2"\n'
        ),
    }
    assert answer.library.startswith("rope ")
    assert "8 places in 4 files" in answer.summary


def test_new_name_may_be_given_with_the_same_place(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "class A:\n    def go(self):\n        pass\n\n\nA().go()\n"})
    expected = {"a.py": "class A:\n    def run(self):\n        pass\n\n\nA().run()\n"}
    assert texts(edits(repo, RenameSymbol("A.go", "A.run"))) == expected
    assert "B.run" in refused(repo, RenameSymbol("A.go", "B.run")).why


def test_what_is_left_is_offered_apart_and_only_all_is_on(tmp_path: Path) -> None:
    repo = make(tmp_path, PROJECT)
    answer = edits(repo, RenameSymbol("parse", "decode"))
    offered = {(e.edit.path, e.where): e.on for e in answer.extras}
    assert offered == {
        ("src/pkg/__init__.py", "__all__"): True,
        ("src/pkg/io.py", "docs"): False,
        ("src/pkg/io.py", "comment"): False,
        ("tests/test_io.py", "string"): False,
        ("README.md", "docs"): False,
    }
    readme = next(e for e in answer.extras if e.edit.path == "README.md")
    assert readme.edit.after == "Use `decode(x)`. We parse files.\n"
    after_main = texts(answer)
    for extra in answer.extras:
        expected = after_main.get(extra.edit.path) or repo.text(extra.edit.path)
        assert extra.edit.before == expected
    assert {(m.place.path, m.place.line, m.where) for m in answer.mentions} == {
        ("src/pkg/__init__.py", 3, "__all__"),
        ("src/pkg/io.py", 1, "docs"),
        ("src/pkg/io.py", 5, "comment"),
        ("tests/test_io.py", 7, "string"),
        ("README.md", 1, "docs"),
    }


def test_renamed_project_still_runs(tmp_path: Path) -> None:
    repo = make(tmp_path, PROJECT)
    accept(repo, edits(repo, RenameSymbol("pkg.parse", "decode")), extras=True)
    code = "from pkg import *; import pkg.deep.use as u; print(decode(3), u.X)"
    assert run_python(repo.root, code) == "3 ('1', '2')\n"


def test_extras_of_one_file_touch_different_lines(tmp_path: Path) -> None:
    text = 'def old_name():\n    """old_name."""\n\n\nX = ["old_name"]  # old_name\n# old_name\n'
    repo = make(tmp_path, {"a.py": text})
    answer = edits(repo, RenameSymbol("old_name", "new_name"))
    lines: list[int] = []
    for extra in answer.extras:
        before = (extra.edit.before or "").split("\n")
        after = (extra.edit.after or "").split("\n")
        lines += [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert sorted(lines) == sorted(set(lines))
    assert sorted(e.where for e in answer.extras) == ["comment", "docs", "string"]


@pytest.mark.parametrize(
    ("code", "old", "new", "expected"),
    [
        (
            "def f(a):\n    return a\n\n\nf(a=1)\n",
            "f.a",
            "b",
            "def f(b):\n    return b\n\n\nf(b=1)\n",
        ),
        ("x = 1\nx = 2\nprint(x)\n", "x", "y", "y = 1\ny = 2\nprint(y)\n"),
        (
            "def f():\n    v = 1\n    g = lambda v: v\n    return [v for v in ()] + [v]\n",
            "f.v",
            "w",
            "def f():\n    w = 1\n    g = lambda v: v\n    return [v for v in ()] + [w]\n",
        ),
        (
            "try:\n    from fast import go\nexcept ImportError:\n    def go(): ...\ngo()\n",
            "go",
            "run",
            "try:\n    from fast import go as run\nexcept ImportError:\n"
            "    def run(): ...\nrun()\n",
        ),
        (
            "class A:\n    @property\n    def x(self): return 1\n    @x.setter\n"
            "    def x(self, v): pass\n\nA().x\n",
            "A.x",
            "z",
            "class A:\n    @property\n    def z(self): return 1\n    @z.setter\n"
            "    def z(self, v): pass\n\nA().z\n",
        ),
        (
            "class A:\n    n = 0\n    def __init__(self): self.n = 1\n"
            "    def m(self): return self.n\n",
            "n",
            "k",
            "class A:\n    k = 0\n    def __init__(self): self.k = 1\n"
            "    def m(self): return self.k\n",
        ),
        (
            "class A: pass\ndef f(a: 'A', b: 'list[A]') -> 'A | None': pass\n",
            "A",
            "Best",
            "class Best: pass\ndef f(a: 'Best', b: 'list[Best]') -> 'Best | None': pass\n",
        ),
        (
            "def f(): ...\nprint(f'{f()} f {f!r:>{f()}}', f'''\né {f()}\n''')\n",
            "f",
            "g",
            "def g(): ...\nprint(f'{g()} f {g!r:>{g()}}', f'''\né {g()}\n''')\n",
        ),
        (
            "N = 1\ndef f():\n    global N\n    N = 2\n",
            "N",
            "M",
            "M = 1\ndef f():\n    global M\n    M = 2\n",
        ),
        ("é = 1\nüé = é; é2 = 'é'\n", "é", "ö", "ö = 1\nüé = ö; é2 = 'é'\n"),
        (
            "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n\n"
            "def f(p: P): return p.x\nP(x=1)\n",
            "P.x",
            "left",
            "from dataclasses import dataclass\n@dataclass\nclass P:\n    left: int\n\n"
            "def f(p: P): return p.left\nP(left=1)\n",
        ),
        (
            "def f(x):\n    match x:\n        case [a, *b]: return a, b\n",
            "f.b",
            "c",
            "def f(x):\n    match x:\n        case [a, *c]: return a, c\n",
        ),
    ],
)
def test_one_file(tmp_path: Path, code: str, old: str, new: str, expected: str) -> None:
    repo = make(tmp_path, {"m.py": code})
    assert texts(edits(repo, RenameSymbol(old, new))) == {"m.py": expected}


HIERARCHY = (
    "class Base:\n    def go(self): return 1\n\n\n"
    "class Child(Base):\n    def go(self): return super().go()\n\n\n"
    "class Other:\n    def go(self): return 3\n\n\n"
    "def typed(c: Child, o: Other, both: 'Child | None'):\n"
    "    return c.go(), o.go(), both.go()\n\n\n"
    "def made():\n    x = Child()\n    return x.go()\n\n\n"
    "def untyped(x):\n    return x.go()\n"
)


def test_method_is_renamed_in_its_hierarchy_and_by_annotations(tmp_path: Path) -> None:
    repo = make(tmp_path, {"m.py": HIERARCHY})
    answer = edits(repo, RenameSymbol("Child.go", "run"))
    assert texts(answer)["m.py"] == (
        "class Base:\n    def run(self): return 1\n\n\n"
        "class Child(Base):\n    def run(self): return super().run()\n\n\n"
        "class Other:\n    def go(self): return 3\n\n\n"
        "def typed(c: Child, o: Other, both: 'Child | None'):\n"
        "    return c.run(), o.go(), both.run()\n\n\n"
        "def made():\n    x = Child()\n    return x.run()\n\n\n"
        "def untyped(x):\n    return x.go()\n"
    )
    assert [(e.where, e.on) for e in answer.extras] == [("attribute", False)]
    assert any("Child, Base are related" in n for n in answer.notices)
    assert any("type is not known" in n and "m.py (1)" in n for n in answer.notices)


def test_unknown_receivers_are_on_where_nothing_else_has_the_name(tmp_path: Path) -> None:
    code = "class A:\n    def frobnicate(self): ...\n\n\ndef f(x): x.frobnicate()\n"
    repo = make(tmp_path, {"m.py": code})
    answer = edits(repo, RenameSymbol("frobnicate", "twist"))
    assert [(e.where, e.on) for e in answer.extras] == [("attribute", True)]


def test_explicit_reexports_are_the_same_symbol(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {
            "pkg/__init__.py": "from .io import echo as echo\nfrom .io import echo as other\n",
            "pkg/io.py": "def echo(): ...\n",
            "use.py": "import pkg\nfrom pkg import echo, other\npkg.echo(), echo(), other()\n",
        },
    )
    assert texts(edits(repo, RenameSymbol("echo", "say"))) == {
        "pkg/__init__.py": "from .io import say as say\nfrom .io import say as other\n",
        "pkg/io.py": "def say(): ...\n",
        "use.py": "import pkg\nfrom pkg import say, other\npkg.say(), say(), other()\n",
    }


def test_generic_bases_belong_to_the_hierarchy(tmp_path: Path) -> None:
    code = (
        "from typing import Generic, TypeVar\nT = TypeVar('T')\n\n\n"
        "class Base(Generic[T]):\n    def go(self): ...\n\n\n"
        "class Middle(Base[T]): ...\n\n\n"
        "class Child(Middle[int]):\n    def go(self): ...\n\n\n"
        "class Last(Middle[str]): ...\n\n\nLast().go()\n"
    )
    repo = make(tmp_path, {"m.py": code})
    assert texts(edits(repo, RenameSymbol("Base.go", "run"))) == {"m.py": code.replace("go", "run")}


def test_a_base_outside_of_the_project_is_named(tmp_path: Path) -> None:
    code = "import json\n\n\nclass E(json.JSONEncoder):\n    def default(self, o): ...\n"
    repo = make(tmp_path, {"m.py": code})
    answer = edits(repo, RenameSymbol("E.default", "usual"))
    assert any("E(json.JSONEncoder)" in n for n in answer.notices)


def test_ambiguous_name_gives_places_and_a_place_settles_it(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "def go(): ...\n", "b.py": "class B:\n    def go(self): ...\n"})
    answer = ask(repo, RenameSymbol("go", "run"))
    assert isinstance(answer, AmbiguousName)
    assert [(c.name, c.kind, c.place, c.line_text) for c in answer.candidates] == [
        ("go", "function", Place("a.py", 1, 4), "def go(): ..."),
        ("B.go", "method", Place("b.py", 2, 8), "def go(self): ..."),
    ]
    for request in (
        RenameSymbol("go", "run", at=Place("b.py", 2)),
        RenameSymbol("b.py::B.go", "run"),
        RenameSymbol("b.py:go", "run"),
        RenameSymbol("b.B.go", "run"),
        RenameSymbol("go", "run", kind="method"),
        RenameSymbol("go", "run", files=("b.py",)),
    ):
        assert texts(edits(repo, request)) == {"b.py": "class B:\n    def run(self): ...\n"}


def test_a_kind_means_just_that_kind_where_there_is_one(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "def go(): ...\n", "b.py": "class B:\n    def go(self): ...\n"})
    assert texts(edits(repo, RenameSymbol("go", "run", kind="function"))) == {
        "a.py": "def run(): ...\n"
    }
    (repo.root / "a.py").unlink()
    assert texts(edits(repo, RenameSymbol("go", "run", kind="function"))) == {
        "b.py": "class B:\n    def run(self): ...\n"
    }


def test_a_place_may_be_a_use(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "def go(): ...\n", "b.py": "import a\na.go()\ngo = 1\n"})
    answer = edits(repo, RenameSymbol("go", "run", at=Place("b.py", 2, 2)))
    assert texts(answer) == {"a.py": "def run(): ...\n", "b.py": "import a\na.run()\ngo = 1\n"}


@pytest.mark.parametrize(
    ("old", "new", "why", "step"),
    [
        ("prase", "x", "no “prase” is defined", "Did you mean parse?"),
        ("parse", "parse_all", "already used where “parse” is (src/pkg/io.py:9)", "rename"),
        ("parse", "parse", "already has that name", ""),
        ("parse", "class", "is a Python keyword", "class_"),
        ("parse", "2x", "not a valid Python name", ""),
        ("wrong.parse", "x", "no “wrong.parse” is defined", "pkg.io.parse"),
        ("a b", "x", "not a Python name", ""),
    ],
)
def test_what_cannot_be_done_says_why(
    tmp_path: Path, old: str, new: str, why: str, step: str
) -> None:
    answer = refused(make(tmp_path, PROJECT), RenameSymbol(old, new))
    assert why in answer.why
    assert step in answer.next_step


@pytest.mark.parametrize(
    "code",
    [
        "def a(): ...\ndef f():\n    b = 1\n    return a() + b\n",
        "def a(): ...\nprint(b)\n",
        "def f():\n    a = 1\n    return a, len([])\n# len\n",
    ],
)
def test_capture_by_another_name_is_refused(tmp_path: Path, code: str) -> None:
    new = "len" if "len" in code else "b"
    answer = refused(make(tmp_path, {"m.py": code}), RenameSymbol("a", new))
    assert "already used" in answer.why


def test_class_clash_is_refused(tmp_path: Path) -> None:
    code = "class A:\n    def a(self): ...\n    b = 1\n"
    assert "m.py:3" in refused(make(tmp_path, {"m.py": code}), RenameSymbol("A.a", "b")).why


def test_names_of_functions_do_not_hide_a_global(tmp_path: Path) -> None:
    code = "def old(): ...\n\n\ndef f():\n    old = 1\n    return old\n"
    answer = edits(make(tmp_path, {"m.py": code}), RenameSymbol("old", "new"))
    assert texts(answer)["m.py"] == code.replace("def old", "def new")
    assert any("stay as they are" in notice for notice in answer.notices)


def test_name_of_a_module_renames_the_module(tmp_path: Path) -> None:
    repo = make(
        tmp_path, {"pkg/__init__.py": "", "pkg/io.py": "X = 1\n", "a.py": "import pkg.io\n"}
    )
    for request in (RenameSymbol("pkg.io", "text"), RenameSymbol("io", "text", kind="module")):
        answer = edits(repo, request)
        assert texts(answer) == {"pkg/text.py": "X = 1\n", "a.py": "import pkg.text\n"}
