"""The parsers on what others wrote: texts of other projects are no output of any tool, and what
real tools say of other projects' code is read as the tools themselves tell it in JSON.

The other projects are the packages that are installed beside us.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest

from codexspark_tui.reports import read

PACKAGES = Path(sysconfig.get_paths()["purelib"])
NODE_TOOLS = Path(os.environ.get("NODE_TOOLS", "/nowhere")) / "node_modules"
ERROR = 2  # as eslint counts: 1 is a warning
KINDS = ("*.dist-info/METADATA", "**/*.md", "**/*.rst", "**/*.txt", "**/*.py")


def texts(most: int) -> list[Path]:
    """So many of each kind, all of them small enough to be read at once."""
    found = []
    for kind in KINDS:
        paths = (path for path in sorted(PACKAGES.glob(kind)) if path.stat().st_size < 300_000)
        found += list(islice(paths, most))
    return found


def taken(paths: list[Path]) -> list[tuple[str, str]]:
    known = ((path.name, read(path.read_bytes()).tool) for path in paths)
    return [(name, tool) for name, tool in known if tool]


def test_texts_of_other_projects_are_no_output_of_a_tool() -> None:
    paths = texts(80)
    assert len(paths) > 100
    assert taken(paths) == []


@pytest.mark.full
def test_no_text_of_any_other_project_is_an_output_of_a_tool() -> None:
    assert taken(texts(100_000)) == []


OTHERS = (
    ["grep", "-rnE", "error|warning|FAILED|test", "rich"],
    ["grep", "-rnE", "(def|class|raise) ", "rich", "click"],
    ["grep", "-rc", "error", "rich"],
    ["diff", "-r", "rich", "click"],
    ["diff", "-ru", "rich", "click"],
    ["git", "diff", "--no-index", "--stat", "rich", "click"],
    ["git", "diff", "--no-index", "--name-status", "rich", "click"],
    ["git", "grep", "--no-index", "-n", "-p", "except", "--", "rich"],
    ["wc", "-l", "rich/text.py", "rich/nowhere.py"],
    ["ls", "-l", "rich", "nowhere"],
    ["find", "rich", "nowhere"],
    ["python", "-m", "compileall", "-l", "-q", "nowhere", "rich/py.typed"],
    ["python", "-m", "tokenize", "rich/errors.py"],
    ["python", "-m", "ast", "rich/errors.py"],
    ["python", "-m", "dis", "rich/errors.py"],
    ["python", "-m", "pip", "check"],
    ["python", "-m", "pip", "show", "-f", "rich"],
    ["python", "-m", "ruff", "format", "--isolated", "--no-cache", "--diff", "rich"],
    ["python", "-X", "importtime", "-c", "import rich"],
    ["python", "-v", "-S", "-c", "import json"],
)


def test_what_other_tools_say_of_other_projects_is_no_output_of_a_known_one() -> None:
    said = []
    for command in OTHERS:
        own = [sys.executable, *command[1:]] if command[0] == "python" else command
        ran = subprocess.run(
            own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=PACKAGES, check=False
        )
        said.append((command, ran.stdout))
    assert [command for command, text in said if not text] == []
    assert [(command, tool) for command, text in said if (tool := read(text).tool)] == []


def modules(most: int) -> list[str]:
    """Source files of a package that is not ours."""
    found = [str(path) for path in sorted((PACKAGES / "rich").glob("*.py"))[:most]]
    assert len(found) == most
    return found


@pytest.mark.parametrize("form", ["concise", "full"])
def test_what_ruff_says_of_another_project_is_read_as_it_tells_it_in_json(form: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "ALL"]

    def said(how: str) -> bytes:
        asked = [*command, "--output-format", how, *modules(12)]
        return subprocess.run(asked, capture_output=True, check=False).stdout

    told = {
        (row["filename"], row["location"]["row"], row["code"]) for row in json.loads(said("json"))
    }
    report = read(said(form))
    assert report.tool == "ruff"
    assert len(told) > 100
    found = {(str(Path(f.path).resolve()), f.line, f.rule) for f in report.findings}
    assert found == {(str(Path(name).resolve()), line, rule) for name, line, rule in told}


@pytest.mark.full
def test_what_mypy_says_of_another_project_is_read_as_it_tells_it_in_json(tmp_path: Path) -> None:
    for name in modules(12):
        shutil.copy(name, tmp_path)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file="]
    command += ["--disallow-any-expr", "--follow-imports=skip", "--cache-dir=/dev/null", "."]

    def said(*how: str) -> bytes:
        return subprocess.run(
            [*command, *how], capture_output=True, cwd=tmp_path, check=False
        ).stdout

    rows = [json.loads(line) for line in said("--output", "json").splitlines()]
    told = {(row["file"], row["line"]) for row in rows if row["severity"] == "error"}
    report = read(said())
    assert report.tool == "mypy"
    assert len(told) > 10
    assert {(f.path, f.line) for f in report.findings} == told


@pytest.mark.full
def test_what_eslint_says_of_another_project_is_read_as_it_tells_it_in_json(tmp_path: Path) -> None:
    eslint = NODE_TOOLS / "eslint/bin/eslint.js"
    if not eslint.exists():
        pytest.skip("NODE_TOOLS names no folder with eslint in its node_modules")
    sources = sorted((NODE_TOOLS / "eslint/lib/rules").glob("*.js"))[:40]
    for path in sources:
        shutil.copy(path, tmp_path)
    rules = '"no-magic-numbers": "error", "no-ternary": "warn", "max-statements": ["error", 5]'
    (tmp_path / "eslint.config.mjs").write_text(f"export default [{{ rules: {{ {rules} }} }}];\n")

    def said(how: str) -> bytes:
        asked = ["node", str(eslint), "--format", how, "."]
        return subprocess.run(asked, capture_output=True, cwd=tmp_path, check=False).stdout

    told = {
        (row["filePath"], one["line"], one["ruleId"])
        for row in json.loads(said("json"))
        for one in row["messages"]
        if one["severity"] == ERROR
    }
    report = read(said("stylish"))
    assert report.tool == "eslint"
    assert len(told) > 10
    assert {(f.path, f.line, f.rule) for f in report.findings} == told


TOLD_BY_TSC = """
const ts = require(process.argv[1]);
const options = { noEmit: true, strict: true, types: [] };
const program = ts.createProgram(process.argv.slice(2), options);
const told = ts.getPreEmitDiagnostics(program).filter((one) => one.file);
console.log(JSON.stringify(told.map((one) => [
  one.file.fileName, one.file.getLineAndCharacterOfPosition(one.start).line + 1, one.code,
])));
"""


@pytest.mark.full
def test_what_tsc_says_of_another_project_is_read_as_the_compiler_knows_it(tmp_path: Path) -> None:
    typescript = NODE_TOOLS / "typescript/lib"
    if not (typescript / "typescript.js").exists():
        pytest.skip("NODE_TOOLS names no folder with typescript in its node_modules")
    found = (path for path in sorted(NODE_TOOLS.glob("**/*.ts")) if "typescript" not in str(path))
    for number, path in enumerate(islice(found, 30)):
        shutil.copy(path, tmp_path / f"{number}_{path.name}")
    names = sorted(path.name for path in tmp_path.iterdir())
    asked = ["node", "-e", TOLD_BY_TSC, str(typescript / "typescript.js"), *names]
    rows = json.loads(subprocess.run(asked, capture_output=True, cwd=tmp_path, check=True).stdout)
    settings = {"compilerOptions": {"noEmit": True, "strict": True, "types": []}, "files": names}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    run = ["node", str(typescript / "tsc.js"), "--pretty", "false"]
    report = read(subprocess.run(run, capture_output=True, cwd=tmp_path, check=False).stdout)
    assert report.tool == "tsc"
    assert len(rows) > 10
    told = {(Path(name).name, line, f"TS{code}") for name, line, code in rows}
    assert {(Path(f.path).name, f.line, f.rule) for f in report.findings if f.path} == told


@pytest.mark.full
@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
def test_what_gcc_says_of_another_project_is_read_as_it_tells_it_in_json(tmp_path: Path) -> None:
    """Without what they include, so that there is much to say."""
    (tmp_path / "Python.h").touch()
    sources = sorted(path for path in PACKAGES.glob("**/*.c") if "mypyc" not in path.parts)
    assert sources
    asked = ["gcc", "-fsyntax-only", "-I", str(tmp_path)]
    asked += [str(path) for path in sources]

    def said(how: str) -> bytes:
        form = f"-fdiagnostics-format={how}"
        return subprocess.run([*asked, form], capture_output=True, check=False).stderr

    told = set()
    every = [
        one for line in said("json").splitlines() if line[:1] == b"[" for one in json.loads(line)
    ]
    while every:
        one = every.pop()
        every += one.get("children", [])
        if one["kind"] in ("error", "fatal error"):
            place = one["locations"][0]["caret"]
            told.add((place["file"], place["line"], one["message"]))
    report = read(said("text"))
    assert report.tool == "gcc"
    assert len(told) > 10
    assert {(f.path, f.line, f.message) for f in report.findings} == told


def with_their_tests(folder: Path) -> None:
    """Tests of a package that is not ours; some need files that are not installed, and fail."""
    shutil.copytree(PACKAGES / "gitdb/test", folder / "theirs")


@pytest.mark.full
def test_what_pytest_says_of_another_project_is_read_as_it_tells_it_in_xml(tmp_path: Path) -> None:
    with_their_tests(tmp_path)
    asked = [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=told.xml"]
    ran = subprocess.run(asked, capture_output=True, cwd=tmp_path, check=False)
    report = read(ran.stdout)
    cases = ElementTree.parse(tmp_path / "told.xml").iter("testcase")
    told = {
        f"{case.attrib['classname'].rpartition('.')[2]}.{case.attrib['name']}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }
    assert report.tool == "pytest"
    assert len(told) > 1
    assert ({f.rule for f in report.findings}, report.failures) == (told, len(told))


TOLD_BY_UNITTEST = """
import json, unittest
suite = unittest.defaultTestLoader.discover("theirs", top_level_dir=".")
done = unittest.TextTestRunner().run(suite)
print(json.dumps([str(test) for test, _ in [*done.failures, *done.errors]]))
"""


@pytest.mark.full
def test_what_unittest_says_of_another_project_is_read_as_it_knows_it(tmp_path: Path) -> None:
    with_their_tests(tmp_path)
    asked = [sys.executable, "-B", "-c", TOLD_BY_UNITTEST]
    ran = subprocess.run(asked, capture_output=True, cwd=tmp_path, check=False)
    told = set(json.loads(ran.stdout.splitlines()[-1]))
    report = read(ran.stderr)
    assert report.tool == "unittest"
    assert len(told) > 1
    assert {f.rule for f in report.findings} == told
