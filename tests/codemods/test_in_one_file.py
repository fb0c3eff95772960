"""Extract, inline, docstrings and test skeletons."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from codexspark_tui.codemods.model import Docstrings, Extract, Inline, TestSkeletons, Understood
from codexspark_tui.codemods.registry import CODEMODS, CodemodInfo
from codexspark_tui.codemods.sentences import understand
from tests.codemods.support import accept, edits, make, refused, texts

CODE = (
    "def f(a, b: int):\n    # sum\n    c = a + b\n    d = c * 2\n    print(c, d)\n    if d:\n"
    "        return d\n    for i in range(3):\n        if i: break\n    return c\n\n\n"
    "class K:\n\tdef m(self, z):\n\t\tx = z + self.q\n\t\ty = x * 2\n\t\treturn y\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_extract_makes_a_function(tmp_path: Path, end: str) -> None:
    repo = make(tmp_path, {"m.py": CODE.replace("\n", end)})
    answer = edits(repo, Extract("m.py", 2, 4, "helper"))
    after = (texts(answer)["m.py"] or "").split(end)
    assert after[:2] == ["def f(a, b: int):", "    # sum"]
    assert after[2] == "    c, d = helper(a, b)"
    start = after.index("def helper(a, b):")
    assert after[start : start + 5] == [
        "def helper(a, b):",
        "    # sum",
        "    c = a + b",
        "    d = c * 2",
        "    return c, d",
    ]
    assert after[start - 2 : start] == ["", ""]


def test_extract_keeps_tabs_and_makes_a_method(tmp_path: Path) -> None:
    repo = make(tmp_path, {"m.py": CODE})
    after = texts(edits(repo, Extract("m.py", 15, 16, "helper")))["m.py"] or ""
    assert "\t\ty = self.helper(z)\n\t\treturn y\n" in after
    assert "\tdef helper(self, z):\n\t\tx = z + self.q\n\t\ty = x * 2\n\t\treturn y\n" in after


@pytest.mark.parametrize(
    ("first", "last", "name", "why", "step"),
    [
        (4, 7, "g", "", ""),
        (5, 6, "g", "not whole statements", "5-7"),
        (9, 9, "g", "", ""),
        (1, 99, "g", "there are no lines 1–99", "lines 1–17"),
        (3, 4, "f", "already used in m.py:1", ""),
        (3, 4, "if", "keyword", ""),
        (6, 7, "g", "return should be the last statement", ""),
    ],
)
def test_extract_refuses_with_a_reason(
    tmp_path: Path, first: int, last: int, name: str, why: str, step: str
) -> None:
    answer = refused(make(tmp_path, {"m.py": CODE}), Extract("m.py", first, last, name))
    assert why in answer.why
    assert step in answer.next_step


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("x = a + b\ny = x * 2\nz = (x)\n", "x", "y = (a + b) * 2\nz = (a + b)\n"),
        ("def f(v):\n    return v * 2\n\n\ny = f(1 + 2) * 3\n", "f", "y = ((1 + 2) * 2) * 3\n"),
        ("def f(v=1, *, k=2):\n    return v + k\ny = f(k=3)\n", "f", "y = 1 + 3\n"),
        ("def f():\n    a = 1; b = a\n    return b\n", "a", "def f():\n    b = 1\n    return b\n"),
        ("T = 1, 2\nprint(T[0], T)\n", "T", "print((1, 2)[0], (1, 2))\n"),
        ("x = not a\ny = x == b\n", "x", "y = (not a) == b\n"),
    ],
)
def test_inline_keeps_the_meaning(tmp_path: Path, code: str, name: str, expected: str) -> None:
    repo = make(tmp_path, {"m.py": code})
    assert texts(edits(repo, Inline(name))) == {"m.py": expected}


def test_inline_follows_imports(tmp_path: Path) -> None:
    repo = make(
        tmp_path,
        {"m.py": "T = 30\nU = 1\n", "n.py": "import m\nfrom m import T, U\nprint(m.T, T, U)\n"},
    )
    assert texts(edits(repo, Inline("T"))) == {
        "m.py": "U = 1\n",
        "n.py": "import m\nfrom m import U\nprint(30, 30, U)\n",
    }


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("def f(v):\n    if v: return 1\n    return 2\nf(1)\n", "f", "more than one return"),
        ("def f(v):\n    return v + v\nf(g())\n", "f", "computed 2 times"),
        ("def f(v):\n    return v\nz = f\n", "f", "without calling it"),
        ("@d\ndef f(v):\n    return v\nf(1)\n", "f", "decorators"),
        ("x = call()\nprint(x, x)\n", "x", "computed again"),
        ("x = 1\nx = 2\nprint(x)\n", "x", "assigned more than once"),
        ("x = 1\nx += 2\nprint(x)\n", "x", "assigned more than once"),
        ("x = 1\nprint(f'{x}')\n", "x", "f-string"),
        ("__all__ = ['x']\nx = 1\nprint(x)\n", "x", "__all__"),
        ("def f():\n    x = y\n    def g(y): return x\n", "x", "something else"),
        ("class A:\n    def m(self): return 1\nA().m()\n", "m", "is a method"),
        ("x = 1\n", "x", "nothing uses it"),
    ],
)
def test_inline_refuses_with_a_reason(tmp_path: Path, code: str, name: str, why: str) -> None:
    assert why in refused(make(tmp_path, {"m.py": code}), Inline(name)).why


UNDOCUMENTED = (
    "class HTTPReader:\n    @property\n    def size(self): return 1\n    @size.setter\n"
    "    def size(self, v): self.v = v\n"
    "    async def read_all(\n        self, x: dict[str, int] = {},\n"
    "    ) -> int:\n        # why\n        return 1\n    def is_empty(self): ...\n"
    "    def _own(self): pass\n    def __len__(self): return 0\n\n\n"
    "def parse_bytes(x): # é\n\treturn x\n\n\n"
    'def done():\n    """Yes."""\n    def inner(): pass\n\n\ndef größe_ändern(): pass\n'
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_docstrings_say_what_names_say(tmp_path: Path, end: str) -> None:
    repo = make(tmp_path, {"m.py": UNDOCUMENTED.replace("\n", end)})
    after = texts(edits(repo, Docstrings("m.py")))["m.py"] or ""
    assert after.count("\n") == after.count(end)
    found = {
        node.name: ast.get_docstring(node)
        for node in ast.walk(ast.parse(after))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert found == {
        "HTTPReader": "HTTP reader.",
        "size": None,
        "read_all": "Read all.",
        "is_empty": "Tell whether it is empty.",
        "_own": None,
        "__len__": None,
        "parse_bytes": "Parse bytes.",
        "done": "Yes.",
        "inner": None,
        "größe_ändern": "Größe ändern.",
    }
    lines = after.split(end)
    at = lines.index("    def size(self):")
    assert lines[at + 1 : at + 3] == ['        """The size."""', "        return 1"]
    at = lines.index("def parse_bytes(x): # é")
    assert lines[at + 1 : at + 3] == ['\t"""Parse bytes."""', "\treturn x"]


def test_docstrings_twice_change_nothing(tmp_path: Path) -> None:
    repo = make(tmp_path, {"m.py": UNDOCUMENTED})
    accept(repo, edits(repo, Docstrings("m.py")))
    assert edits(repo, Docstrings("m.py")).files == ()


def pytest_in(root: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=root,
        env={"PYTHONPATH": "src", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_skeletons_fail_until_written(tmp_path: Path) -> None:
    repo = make(tmp_path, {"src/pkg/__init__.py": "", "src/pkg/m.py": UNDOCUMENTED})
    answer = edits(repo, TestSkeletons("src/pkg/m.py"))
    assert list(texts(answer)) == ["tests/test_m.py"]
    assert "from pkg.m import HTTPReader, done, größe_ändern, parse_bytes\n" in (
        texts(answer)["tests/test_m.py"] or ""
    )
    accept(repo, answer)
    out = pytest_in(repo.root)
    assert "6 failed" in out
    assert "passed" not in out
    assert "not written yet: HTTPReader.read_all" in out


def test_skeletons_add_only_what_is_missing(tmp_path: Path) -> None:
    tests = (
        '"""Tests of pkg.m."""\r\nfrom pkg.m import done\r\n\r\n\r\nclass TestHTTPReader:\r\n'
        "    def test_size(self):\r\n        assert True\r\n\r\n\r\n"
        "def test_done_well():\r\n    assert done() is None\r\n"
    )
    repo = make(
        tmp_path,
        {"src/pkg/__init__.py": "", "src/pkg/m.py": UNDOCUMENTED, "tests/test_m.py": tests},
    )
    answer = edits(repo, TestSkeletons("src/pkg/m.py"))
    after = texts(answer)["tests/test_m.py"] or ""
    assert after.count("\n") == after.count("\r\n")
    assert after.count("class TestHTTPReader") == 1
    assert "def test_done(" not in after
    accept(repo, answer)
    out = pytest_in(repo.root)
    assert "4 failed, 2 passed" in out
    assert edits(repo, TestSkeletons("src/pkg/m.py")).files == ()


def unittest_in(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=root,
        env={"PYTHONPATH": "src", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


CASES = (
    "import unittest\n\nfrom pkg.m import done\n\n\nclass Small(unittest.TestCase):\n"
    "    def test_done_well(self):\n        self.assertIsNone(done())\n\n\n"
    'if __name__ == "__main__":\n    unittest.main()\n'
)


def test_a_unittest_file_gets_unittest_skeletons_that_its_main_runs(tmp_path: Path) -> None:
    module = {"src/pkg/__init__.py": "", "src/pkg/m.py": UNDOCUMENTED}
    repo = make(tmp_path, {**module, "tests/test_m.py": CASES})
    answer = edits(repo, TestSkeletons("src/pkg/m.py"))
    after = texts(answer)["tests/test_m.py"] or ""
    assert "pytest" not in after
    assert after.count("import unittest\n") == 1
    assert after.endswith('\n\n\nif __name__ == "__main__":\n    unittest.main()\n')
    accept(repo, answer)
    assert "Ran 6 tests" in (said := unittest_in(repo.root, "tests/test_m.py"))
    assert "FAILED (failures=5)" in said
    assert edits(repo, TestSkeletons("src/pkg/m.py")).files == ()


@pytest.mark.parametrize(
    ("others", "wanted"),
    [
        ({"tests/test_a.py": CASES, "tests/test_b.py": CASES}, "unittest"),
        ({"tests/test_a.py": CASES, "tests/test_b.py": "def test_b(): ...\n"}, "pytest"),
        ({"tests/test_a.py": CASES, "other/test_b.py": "import pytest\n"}, "unittest"),
        ({"tests/test_a.py": CASES.replace("unittest", "django.test")}, "unittest"),
        ({"tests/test_a.py": "class TestA:\n    def test_a(self): ...\n"}, "pytest"),
        ({}, "pytest"),
    ],
)
def test_a_new_test_file_is_as_most_of_the_others(
    tmp_path: Path, others: dict[str, str], wanted: str
) -> None:
    module = {"src/pkg/__init__.py": "", "src/pkg/m.py": UNDOCUMENTED}
    repo = make(tmp_path, {**module, **others})
    answer = edits(repo, TestSkeletons("src/pkg/m.py"))
    (after,) = texts(answer).values()
    assert f"import {wanted}\n" in (after or "")
    accept(repo, answer)
    if wanted == "unittest":
        said = unittest_in(
            repo.root, "-m", "unittest", "discover", "-s", "tests", "-p", "test_m.py"
        )
        assert "FAILED (failures=6)" in said


def test_names_of_tests_do_not_clash_where_a_class_is_named_like_the_module(
    tmp_path: Path,
) -> None:
    text = "class M:\n    def add(self): ...\n\n\ndef add(): ...\n"
    case = (
        "from unittest import TestCase\n\n\nclass TestM(TestCase):\n    def test_new(self): ...\n"
    )
    files: dict[str, str | bytes] = {"m.py": text, "test_m.py": f"from m import M\n{case}"}
    answer = edits(make(tmp_path, files), TestSkeletons("m.py"))
    after = texts(answer)["test_m.py"] or ""
    assert after.count("    def test_add(self):\n        self.fail(") == 2
    assert "class TestMFunctions(TestCase):\n" in after
    assert "import unittest\n" not in after


@pytest.mark.parametrize("path", ["nope.py", "tests/test_a.py", "a-b.py", "empty.py", "x.txt"])
def test_skeletons_refuse_with_a_reason(tmp_path: Path, path: str) -> None:
    files: dict[str, str | bytes] = {
        "tests/test_a.py": "def test_x(): ...\n",
        "a-b.py": "def f(): ...\n",
        "empty.py": "",
        "x.txt": "",
    }
    answer = refused(make(tmp_path, files), TestSkeletons(path))
    assert answer.why
    assert answer.next_step


@pytest.mark.parametrize("info", CODEMODS, ids=lambda info: info.name)
def test_examples_of_the_registry_are_understood(info: CodemodInfo) -> None:
    assert isinstance(understand(info.sentence_example), Understood), info.sentence_example
