"""What is read of the output of real tools, run now on small projects with known faults.

Those that are not installed are skipped. jest, vitest, eslint and tsc are looked for in the folder
that NODE_TOOLS names, which holds a node_modules (`npm install jest vitest eslint typescript`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from codexspark_tui.reports import Report, read

pytestmark = pytest.mark.full
NODE_TOOLS = Path(os.environ.get("NODE_TOOLS", "/nowhere")) / "node_modules"
TOOLCHAINS = {
    name: os.environ.get(name, str(Path.home() / folder))  # before the home is a test's own
    for name, folder in (("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo"))
}
PYTHON = f"{sys.executable} -B -m"


@dataclass(frozen=True)
class Fault:
    """`wanted`: "PATH:LINE: beginning of the message" of each finding, in any order."""

    name: str
    command: str
    files: dict[str, str]
    wanted: tuple[str, ...]
    tool: str = ""
    count: int | None = None
    blocks: bool = False


def read_of(fault: Fault, folder: Path) -> Report:
    """Run the command there; what is read of all that it prints."""
    for name, text in fault.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "on", "TERM": "dumb"}
    environment |= {"GOCACHE": str(folder / ".gocache"), "CI": "1", "GOTOOLCHAIN": "local"}
    environment |= TOOLCHAINS
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        ["sh", "-c", fault.command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=110,
        check=False,
    )
    assert done.returncode != 0, done.stdout.decode()
    return read(done.stdout)


def check(tool: str, fault: Fault, folder: Path) -> None:
    report = read_of(fault, folder)
    here = (f"{folder}/", f"file://{folder}/", "./")
    said = []
    for found in report.findings:
        path = found.path
        for start in here:
            path = path.removeprefix(start)
        said.append(f"{path}:{found.line}: {found.message}")
    assert report.tool == (fault.tool or tool), said
    assert len(said) == len(fault.wanted), said
    for got, wanted in zip(sorted(said), sorted(fault.wanted), strict=True):
        assert got.startswith(wanted), said
    assert report.failures == (fault.count or len(fault.wanted))
    assert report.blocked is fault.blocks, said


def by_name(faults: list[Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults, ids=lambda fault: fault.name)


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [one for one in programs if shutil.which(one) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


def needs_node(tool: str) -> pytest.MarkDecorator:
    there = (NODE_TOOLS / ".bin" / tool).exists() and shutil.which("node")
    return pytest.mark.skipif(not there, reason=f"NODE_TOOLS names no folder with {tool}")


# -- Python ----------------------------------------------------------------------------------------

SHOP = {
    "shop/__init__.py": "",
    "shop/prices.py": "def price(x):\n    return 100 // x\n\n\ndef tax(x):\n    return x * 2\n",
    "test_shop.py": (
        "from shop.prices import price, tax\n\n\ndef test_price():\n    assert price(0) == 1\n\n\n"
        "def test_tax():\n    assert tax(1) == 1, 'wrong tax'\n\n\ndef test_good():\n    pass\n"
    ),
}
DIVIDED = "shop/prices.py:2: ZeroDivisionError"
TAXED = "test_shop.py:9: AssertionError: wrong tax"
ALONE = "-p no:cacheprovider -p no:xdist -c /dev/null --rootdir=."
PYTEST = f"{PYTHON} pytest {ALONE}"
PYTESTS = [
    Fault("plain", PYTEST, SHOP, (DIVIDED, TAXED)),
    Fault("quiet and short", f"{PYTEST} -q --tb=short", SHOP, (DIVIDED, TAXED)),
    Fault("long", f"{PYTEST} --tb=long -vv", SHOP, (DIVIDED, TAXED)),
    Fault("native", f"{PYTEST} --tb=native", SHOP, (DIVIDED, TAXED)),
    Fault("line", f"{PYTEST} --tb=line", SHOP, (DIVIDED, TAXED)),
    Fault(
        "no traceback",
        f"{PYTEST} --tb=no",
        SHOP,
        ("test_shop.py:0: ZeroDivisionError", "test_shop.py:0: AssertionError: wrong tax"),
    ),
    Fault("first only", f"{PYTEST} -x", SHOP, (DIVIDED,)),
    Fault("in colour", f"{PYTEST} --color=yes", SHOP, (DIVIDED, TAXED)),
    Fault("with locals", f"{PYTEST} --showlocals", SHOP, (DIVIDED, TAXED)),
    Fault(
        "two at once",
        f"{PYTHON} pytest -p no:cacheprovider -c /dev/null --rootdir=. -n 2",
        SHOP,
        (DIVIDED, TAXED),
    ),
    Fault(
        "import",
        PYTEST,
        {"test_a.py": "import nowhere_at_all\n"},
        ("test_a.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'",),
        blocks=True,
    ),
    Fault(
        "syntax",
        PYTEST,
        {"test_a.py": "def test_a(:\n    pass\n"},
        ("test_a.py:1: SyntaxError",),
        blocks=True,
    ),
    Fault(
        "fixture",
        PYTEST,
        {
            "test_a.py": "import pytest\n\n@pytest.fixture\ndef db():\n    raise OSError('gone')\n"
            "def test_a(db):\n    pass\n"
        },
        ("test_a.py:5: OSError: gone",),
    ),
    Fault(
        "no such fixture",
        PYTEST,
        {"test_a.py": "def test_a(nothing):\n    pass\n"},
        ("test_a.py:1: fixture 'nothing' not found",),
    ),
    Fault(
        "parameters and classes",
        PYTEST,
        {
            "test_a.py": "import pytest\n\nclass TestIt:\n"
            "    @pytest.mark.parametrize('x', ['a b', 'é::[1]'])\n"
            "    def test_x(self, x):\n        print('loud')\n        assert x == 'a'\n"
        },
        ("test_a.py:7: AssertionError: assert 'a b'", "test_a.py:7: AssertionError: assert 'é"),
    ),
    Fault(
        "no such file",
        f"{PYTEST} nowhere.py",
        {"test_a.py": "def test_a():\n    pass\n"},
        (":0: file or directory not found: nowhere.py",),
        blocks=True,
    ),
    Fault(
        "raised from another",
        PYTEST,
        {
            "test_a.py": "def low():\n    raise KeyError('x')\n\ndef test_a():\n    try:\n"
            "        low()\n    except KeyError as e:\n"
            "        raise ValueError('high') from e\n"
        },
        ("test_a.py:8: ValueError: high",),
    ),
    Fault(
        "a doctest",
        f"{PYTEST} --doctest-modules",
        {"a.py": 'def f():\n    """\n    >>> f()\n    2\n    """\n    return 1\n'},
        ("a.py:3: ",),
    ),
]


@by_name(PYTESTS)
def test_pytest(fault: Fault, tmp_path: Path) -> None:
    check("pytest", fault, tmp_path)


CASE = (
    "import unittest\nfrom shop.prices import price, tax\n\n\nclass Shop(unittest.TestCase):\n"
    "    def test_price(self):\n        price(0)\n\n    def test_tax(self):\n"
    "        self.assertEqual(tax(1), 1, 'wrong tax')\n\n    def test_many(self):\n"
    "        for n in (1, 2):\n            with self.subTest(n=n):\n"
    "                self.assertEqual(n, 1)\n"
)
UNITTEST = f"{PYTHON} unittest"
UNITTESTS = [
    Fault(
        "plain",
        UNITTEST,
        {**SHOP, "test_shop.py": CASE},
        (
            "shop/prices.py:2: ZeroDivisionError",
            "test_shop.py:15: AssertionError: 2 != 1",
            "test_shop.py:10: AssertionError: 2 != 1 : wrong tax",
        ),
    ),
    Fault(
        "verbose and buffered",
        f"{UNITTEST} -v -b",
        {**SHOP, "test_shop.py": CASE},
        (
            "shop/prices.py:2: ZeroDivisionError",
            "test_shop.py:15: AssertionError: 2 != 1",
            "test_shop.py:10: AssertionError: 2 != 1 : wrong tax",
        ),
    ),
    Fault(
        "import",
        UNITTEST,
        {"test_a.py": "import nowhere_at_all\n"},
        ("test_a.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'",),
        blocks=True,
    ),
    Fault(
        "class setup",
        UNITTEST,
        {
            "test_a.py": "import unittest\n\nclass A(unittest.TestCase):\n    @classmethod\n"
            "    def setUpClass(cls):\n        raise OSError('gone')\n"
            "    def test_a(self):\n        pass\n"
        },
        ("test_a.py:6: OSError: gone",),
    ),
]


@by_name(UNITTESTS)
def test_unittest(fault: Fault, tmp_path: Path) -> None:
    check("unittest", fault, tmp_path)


RUFFS = [
    Fault(
        style,
        f"{PYTHON} ruff check --isolated --no-cache {options} .",
        {"a.py": "import os\n\n\ndef f():\n    return undefined\n"},
        ("a.py:1: `os` imported but unused", "a.py:5: Undefined name `undefined`"),
    )
    for style, options in (("full", ""), ("concise", "--output-format=concise"))
] + [
    Fault(
        "syntax",
        f"{PYTHON} ruff check --isolated --no-cache .",
        {"a.py": "x = = 1\n"},
        ("a.py:1: ",),
        blocks=True,
    ),
    Fault(
        "format",
        f"{PYTHON} ruff format --isolated --no-cache --check .",
        {"a.py": "x  =  1\n"},
        ("a.py:",),
    ),
]


@by_name(RUFFS)
def test_ruff(fault: Fault, tmp_path: Path) -> None:
    check("ruff", fault, tmp_path)


TYPED = {"a.py": "def f(x: int) -> str:\n    return x\n\n\nf('a')\n"}
MYPYS = [
    Fault(
        style,
        f"{PYTHON} mypy --config-file= --cache-dir=/dev/null {options} a.py",
        TYPED,
        ("a.py:2: Incompatible return value type", 'a.py:5: Argument 1 to "f" has incompatible'),
    )
    for style, options in (
        ("plain", ""),
        ("columns", "--show-column-numbers"),
        ("pretty", "--pretty"),
        ("ends", "--show-error-end"),
        ("without codes", "--hide-error-codes"),
    )
] + [
    Fault(
        "syntax",
        f"{PYTHON} mypy --config-file= --cache-dir=/dev/null a.py",
        {"a.py": "x = = 1\n"},
        ("a.py:1: ",),
        blocks=True,
    ),
]


@by_name(MYPYS)
def test_mypy(fault: Fault, tmp_path: Path) -> None:
    check("mypy", fault, tmp_path)


# -- compiled --------------------------------------------------------------------------------------

GO = {
    "go.mod": "module shop\n\ngo 1.19\n",
    "prices.go": "package shop\n\nfunc Price(x int) int {\n\treturn 100 / x\n}\n",
    "prices_test.go": (
        'package shop\n\nimport "testing"\n\nfunc TestSum(t *testing.T) {\n'
        '\tt.Run("one of two", func(t *testing.T) {\n\t\tt.Errorf("got %d", 1)\n\t})\n}\n\n'
        'func TestLater(t *testing.T) {\n\tt.Fatal("there")\n}\n'
    ),
}
BAD_GO = "package shop\n\nfunc Price(x int) int {\n\treturn y\n}\n"
PANIC = 'package shop\n\nimport "testing"\n\nfunc TestPrice(t *testing.T) {\n\tPrice(0)\n}\n'
GOS = [
    Fault(
        "tests",
        "go test ./...",
        GO,
        ("prices_test.go:7: got 1", "prices_test.go:12: there"),
    ),
    Fault(
        "verbose",
        "go test -v ./...",
        GO,
        ("prices_test.go:7: got 1", "prices_test.go:12: there"),
    ),
    Fault(
        "panic",
        "go test ./...",
        {**GO, "prices_test.go": PANIC},
        ("prices.go:4: runtime error: integer divide by zero",),
        blocks=True,
    ),
    Fault(
        "build",
        "go test ./...",
        {**GO, "prices.go": BAD_GO},
        ("prices.go:4: undefined: y",),
        blocks=True,
    ),
    Fault(
        "vet",
        "go vet ./...",
        {
            **GO,
            "prices.go": 'package shop\n\nimport "fmt"\n\nfunc P() {\n\tfmt.Printf("%d", "x")\n}\n',
        },
        ("prices.go:6: ",),
        blocks=True,
    ),
    Fault(
        "only built",
        "go build ./...",
        {**GO, "prices.go": BAD_GO},
        ("prices.go:4: undefined: y",),
        blocks=True,
    ),
]


@needs("go")
@by_name(GOS)
def test_go(fault: Fault, tmp_path: Path) -> None:
    check("go test", fault, tmp_path)


CRATE = {"Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'}
TESTED = (
    "pub fn price(x: i32) -> i32 {\n    100 / x\n}\n\n#[cfg(test)]\nmod tests {\n"
    "    use super::*;\n\n    #[test]\n    fn divides() {\n        price(0);\n    }\n\n"
    '    #[test]\n    fn sums() {\n        assert_eq!(price(1), 1, "wrong");\n    }\n}\n'
)
CARGO = "cargo {} --offline --target-dir target"
CARGOS = [
    Fault(
        "tests",
        CARGO.format("test --lib"),
        {**CRATE, "src/lib.rs": TESTED},
        (
            "src/lib.rs:2: attempt to divide by zero",
            "src/lib.rs:16: assertion `left == right` failed: wrong",
        ),
    ),
    Fault(
        "build",
        CARGO.format("build"),
        {**CRATE, "src/lib.rs": 'pub fn f() -> i32 {\n    "a"\n}\n\npub fn g() {\n    h();\n}\n'},
        ("src/lib.rs:2: mismatched types", "src/lib.rs:6: cannot find function `h`"),
        blocks=True,
    ),
    Fault(
        "syntax",
        CARGO.format("check"),
        {**CRATE, "src/lib.rs": "pub fn f( {\n}\n"},
        ("src/lib.rs:2: this file contains an unclosed delimiter",),
        blocks=True,
    ),
]


@needs("cargo")
@by_name(CARGOS)
def test_cargo(fault: Fault, tmp_path: Path) -> None:
    check("cargo", fault, tmp_path)


JAVACS = [
    Fault(
        "types and names",
        "javac -d out A.java",
        {"A.java": 'class A {\n  int f() { return "x"; }\n  int g() { return y; }\n}\n'},
        (
            "A.java:2: incompatible types: String cannot be converted to int",
            "A.java:3: cannot find symbol",
        ),
        blocks=True,
    ),
    Fault(
        "syntax",
        "javac -d out A.java",
        {"A.java": "class A {\n  int f( { }\n}\n"},
        ("A.java:2: ",),
        blocks=True,
    ),
]


@needs("javac")
@by_name(JAVACS)
def test_javac(fault: Fault, tmp_path: Path) -> None:
    check("javac", fault, tmp_path)


GCCS = [
    Fault(
        "types and names",
        "gcc -c a.c",
        {"a.c": "int f(void) {\n  return y;\n}\nint g( { }\n"},
        ("a.c:2: ", "a.c:4: "),
    ),
    Fault(
        "in a header",
        "gcc -c a.c",
        {
            "a.c": '#include "b.h"\nint main(void) { return 0; }\n',
            "b.h": "int f(void) { return y; }\n",
        },
        ("b.h:1: ",),
    ),
    Fault(
        "no such header",
        "gcc -c a.c",
        {"a.c": '#include "nowhere.h"\n'},
        ("a.c:1: nowhere.h: No such file",),
        blocks=True,
    ),
    Fault(
        "warnings as errors",
        "gcc -Wall -Werror -c a.c",
        {"a.c": "int f(void) {\n  int x;\n  return 1;\n}\n"},
        ("a.c:2: unused variable",),
    ),
    Fault(
        "linked",
        "gcc -g a.c -o a",
        {"a.c": "int g(void);\nint main(void) {\n  return g();\n}\n"},
        ("a.c:3: undefined reference to `g'",),
    ),
    Fault(
        "C++",
        "g++ -c a.cpp",
        {"a.cpp": "#include <list>\nint f() {\n  std::list<int> v;\n  return v.nothing();\n}\n"},
        ("a.cpp:4: ",),
    ),
]


@needs("gcc", "g++")
@by_name(GCCS)
def test_gcc(fault: Fault, tmp_path: Path) -> None:
    check("gcc", fault, tmp_path)


# -- JavaScript ------------------------------------------------------------------------------------

SUMS = {
    "package.json": '{"name": "shop"}\n',
    "prices.js": (
        "function price(x) {\n  if (!x) throw new RangeError('no price');\n  return 1;\n}\n"
        "module.exports = { price };\n"
    ),
    "prices.test.js": (
        "const { price } = require('./prices');\n\ndescribe('prices', () => {\n"
        "  test('of nothing', () => {\n    price(0);\n  });\n  test('of one', () => {\n"
        "    expect(price(1)).toBe(2);\n  });\n  test('good', () => {});\n});\n"
    ),
}
JEST = f"{NODE_TOOLS}/.bin/jest --rootDir=."
JESTS = [
    Fault(
        "tests",
        JEST,
        SUMS,
        (
            "prices.test.js:5: RangeError: no price",
            "prices.test.js:8: expect(received).toBe(expected)",
        ),
    ),
    Fault(
        "verbose",
        f"{JEST} --verbose",
        SUMS,
        (
            "prices.test.js:5: RangeError: no price",
            "prices.test.js:8: expect(received).toBe(expected)",
        ),
    ),
    Fault(
        "a module that is not there",
        JEST,
        {**SUMS, "prices.test.js": "require('./nowhere');\ntest('a', () => {});\n"},
        ("prices.test.js:1: Cannot find module './nowhere'",),
        blocks=True,
    ),
    Fault(
        "syntax",
        JEST,
        {**SUMS, "prices.test.js": "test('a', () => {\n  const = 1;\n});\n"},
        ("prices.test.js:2: ",),
        blocks=True,
    ),
]


@needs_node("jest")
@by_name(JESTS)
def test_jest(fault: Fault, tmp_path: Path) -> None:
    check("jest", fault, tmp_path)


MODULES = {
    "package.json": '{"name": "shop", "type": "module"}\n',
    "prices.js": (
        "export function price(x) {\n  if (!x) throw new RangeError('no price')\n  return 1\n}\n"
    ),
    "prices.test.js": (
        "import { describe, expect, test } from 'vitest'\nimport { price } from './prices.js'\n\n"
        "describe('prices', () => {\n  test('of nothing', () => {\n    price(0)\n  })\n"
        "  test('of one', () => {\n    expect(price(1)).toBe(2)\n  })\n})\n"
    ),
}
VITEST = f"ln -s {NODE_TOOLS} node_modules; {NODE_TOOLS}/.bin/vitest run --root ."
VITESTS = [
    Fault(
        "tests",
        VITEST,
        MODULES,
        (
            "prices.test.js:6: RangeError: no price",
            "prices.test.js:9: AssertionError: expected 1 to be 2",
        ),
    ),
    Fault(
        "a module that is not there",
        VITEST,
        {**MODULES, "prices.test.js": "import './nowhere.js'\n"},
        ("prices.test.js:",),
        blocks=True,
    ),
    Fault(
        "syntax",
        VITEST,
        {**MODULES, "prices.js": "export function price( {\n}\n"},
        ("prices.js:",),
        blocks=True,
    ),
]


@needs_node("vitest")
@by_name(VITESTS)
def test_vitest(fault: Fault, tmp_path: Path) -> None:
    check("vitest", fault, tmp_path)


TSCS = [
    Fault(
        style,
        f"{NODE_TOOLS}/.bin/tsc --noEmit --strict {options} a.ts",
        {"a.ts": "const x: number = 'a';\nexport function f(y: string) { return y.nothing; }\n"},
        (
            "a.ts:1: Type 'string' is not assignable to type 'number'.",
            "a.ts:2: Property 'nothing' does not exist on type 'string'.",
        ),
    )
    for style, options in (("plain", ""), ("pretty", "--pretty"))
] + [
    Fault(
        "syntax",
        f"{NODE_TOOLS}/.bin/tsc --noEmit a.ts",
        {"a.ts": "function f( {\n"},
        ("a.ts:",),
        blocks=True,
    ),
    Fault(
        "no such file",
        f"{NODE_TOOLS}/.bin/tsc --noEmit nowhere.ts",
        {},
        (":0: File 'nowhere.ts' not found.",),
        blocks=True,
    ),
]


@needs_node("tsc")
@by_name(TSCS)
def test_tsc(fault: Fault, tmp_path: Path) -> None:
    check("tsc", fault, tmp_path)


LINT = {
    "eslint.config.mjs": (
        "export default [{ rules: { 'no-undef': 'error', 'no-unused-vars': 'warn' } }];\n"
    ),
    "a.js": "const unused = 1;\nnothing();\n",
}
ESLINTS = [
    Fault("stylish", f"{NODE_TOOLS}/.bin/eslint a.js", LINT, ("a.js:2: 'nothing' is not defined",)),
    Fault(
        "warnings only",
        f"{NODE_TOOLS}/.bin/eslint --max-warnings 0 a.js",
        {**LINT, "a.js": "const unused = 1;\n"},
        ("a.js:1: 'unused' is assigned a value but never used",),
    ),
    Fault(
        "syntax",
        f"{NODE_TOOLS}/.bin/eslint a.js",
        {**LINT, "a.js": "const = 1;\n"},
        ("a.js:1: Parsing error: Unexpected token =",),
        blocks=True,
    ),
]


@needs_node("eslint")
@by_name(ESLINTS)
def test_eslint(fault: Fault, tmp_path: Path) -> None:
    check("eslint", fault, tmp_path)
