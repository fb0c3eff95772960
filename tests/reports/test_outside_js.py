"""jest and vitest on what others wrote: the tests of zod, change-case, des.js and hash.js as they
are published, broken by rule, so that they fail in many ways. What is read of the text that people
see is compared with what the tool tells of the same run in JSON.

NODE_TOOLS names a folder where this was run: `npm install --legacy-peer-deps jest vitest
@vitest/coverage-v8@4 vite typescript zod change-case@4 des.js hash.js @babel/preset-env
@babel/preset-typescript`. Older versions are looked for in folders of their own below it:
`jest27/node_modules/jest`, `vitest2/node_modules/vitest` and so on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from codexspark_tui.reports import Report, read

pytestmark = pytest.mark.full
NODE_TOOLS = Path(os.environ.get("NODE_TOOLS", "/nowhere"))
MODULES = NODE_TOOLS / "node_modules"
THEIRS = ("zod/src", "camel-case/dist.es2015", "des.js/test", "hash.js/test")
NO_SUITE = "Test suite failed to run"
Told: TypeAlias = Counter[tuple[str, str, int]]
"""File, full name and line of each failure; "" or NO_SUITE and -1 of a file without any test."""

# -- what others wrote, broken ---------------------------------------------------------------------

STARTS = r'((?:test|it)\("[^"]*", )(?:async )?(?:\(\) =>|function \(\)) \{'
FAULTS: tuple[Callable[[str], str], ...] = (
    lambda text: re.sub(r"\btrue\b", "false", text),
    lambda text: re.sub(r"(?m)^( *expect\(.*)\.toThrow\(\)", r"\1.not.toThrow()", text),
    lambda text: re.sub(r'(toEqual|toBe|push)\("', r'\1("not ', text),
    lambda text: re.sub(r"(toEqual|toBe)\((?=\w)", r"not.\1(", text),
    lambda text: (
        re.sub(STARTS, r'\1async () => { await later(new RangeError("no way"));', text)
        + "\nconst later = async (e) => { await null; throw e; };\n"
    ),
    lambda text: re.sub(STARTS, r"\1async () => { await new Promise(() => {});", text, count=2),
    lambda text: f"import 'nowhere';\n{text}",
    lambda text: f"{text}\n}}\n",
    lambda text: re.sub(STARTS, r"\1() => { throw { not: 'an error' };", text, count=2),
    lambda text: re.sub(STARTS, r"\1() => { null.nothing.at(0);", text),
    lambda text: re.sub(STARTS, r"\1() => { console.error(new Error('loud')); loud();", text),
    lambda text: text + "\nbeforeEach(() => { throw new TypeError('before\\n\\n  all'); });\n",
    lambda text: re.sub(r"'(\w)", r"'\\n\\n\1not ", re.sub(r"\b1\b", "2", text)),
)


def broken(folder: Path) -> None:
    """Every file of tests by the next rule; what is awaited is left, as it would end the run."""
    patterns = ("src/v?/**/tests/*.test.ts", "*-case/*.spec.js", "*.js/test/*-test.js")
    paths = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    assert len(paths) > 100
    for number, path in enumerate(paths):
        text = re.sub(r"//# sourceMappingURL=.*", "", path.read_text())
        if "romise" not in text:
            path.write_text(FAULTS[number % len(FAULTS)](text))


JEST = {
    "testMatch": ["**/*.test.ts", "**/*.spec.js", "**/*-test.js"],
    "testTimeout": 300,
    "transform": {
        r"\.[jt]s$": [
            "babel-jest",
            {
                "configFile": False,
                "presets": [
                    str(MODULES / "@babel/preset-typescript"),
                    [str(MODULES / "@babel/preset-env"), {"targets": {"node": "current"}}],
                ],
            },
        ]
    },
    "moduleNameMapper": {
        "^vitest$": "<rootDir>/globals.js",
        "^zod/(v.*|mini)$": "<rootDir>/src/$1",
        r"^(\.{1,2}/.*)\.js$": "$1",
    },
}
GLOBALS = """\
const any = () => new Proxy(any, { get: () => any });
module.exports = { afterEach, beforeEach, describe, expect, expectTypeOf: any, it, test, vi: jest };
"""
VITEST = """\
const to = process.cwd() + '/src/';
const alias = [{ find: /^zod$/, replacement: to + 'index.ts' },
  { find: /^zod\\/(v.*|mini)$/, replacement: to + '$1' }];
export default { resolve: { alias }, test: { globals: true, testTimeout: 300 } };
"""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [name for name in THEIRS if not (MODULES / name).exists()]
    if missing:
        pytest.skip(f"NODE_TOOLS names no folder with {', '.join(missing)} in its node_modules")
    folder = tmp_path_factory.mktemp("theirs")
    shutil.copytree(MODULES / "zod/src", folder / "src")
    for path in sorted(MODULES.glob("*-case/dist.es2015")):
        shutil.copytree(path, folder / path.parent.name)
    for name in ("des.js", "hash.js"):
        shutil.copytree(MODULES / name, folder / name)
    broken(folder)
    (folder / "package.json").write_text('{"name": "theirs"}\n')
    (folder / "jest.config.json").write_text(json.dumps(JEST))
    (folder / "globals.js").write_text(GLOBALS)
    (folder / "vitest.config.mjs").write_text(VITEST)
    return folder


# -- a run, and what the tool tells of it ----------------------------------------------------------


def ran(folder: Path, modules: Path, command: list[str]) -> tuple[bytes, Any]:
    """What is printed, in colour where FORCE_COLOR says so, and the JSON of the same run."""
    (folder / "node_modules").unlink(missing_ok=True)
    (folder / "node_modules").symlink_to(modules)
    told = folder / "told.json"
    told.unlink(missing_ok=True)
    environment = {**os.environ, "CI": "1", "TERM": "dumb"}
    done = subprocess.run(
        [*command, f"--outputFile={told}"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=110,
        check=False,
    )
    assert told.exists(), done.stdout.decode()[-3000:]
    return done.stdout, json.loads(told.read_bytes())


def line_of(path: str, message: str) -> int:
    """The outermost place in the file of the test itself; 0: there is none."""
    places = re.findall(r"[( ](?:file://)?(/[^\s()]+):(\d+):\d+\)?$", message, re.MULTILINE)
    return next((int(line) for name, line in reversed(places) if name == path), 0)


def told_in(data: Any, folder: Path, between: str, no_suite: str) -> Iterator[tuple[str, str, int]]:
    for suite in data["testResults"]:
        name = suite["name"].removeprefix(f"{folder}/")
        if suite["status"] == "failed" and not suite["assertionResults"]:
            yield name, no_suite, -1
        for test in suite["assertionResults"]:
            if test["status"] == "failed":
                title = between.join(filter(None, [*test["ancestorTitles"], test["title"]]))
                place = test.get("location") or {"line": 0}  # vitest 1 tells no stack
                for message in test["failureMessages"]:
                    yield name, title, line_of(suite["name"], message or "") or place["line"]


def compare(report: Report, told: Told, folder: Path, failures: int) -> None:
    found = Counter(
        (one.path.removeprefix(f"{folder}/"), one.rule, -1 if one.blocks else one.line)
        for one in report.findings
    )
    assert sorted((found - told).items()) == []
    assert sorted((told - found).items()) == []
    assert report.failures == (failures or told.total())
    assert told.total() >= 10


def tool(version: str, program: str) -> Path:
    """The program of `jest27` and the like; the test is skipped where it is not there."""
    name = version.rstrip("0123456789")
    folder = MODULES if name == version else NODE_TOOLS / version / "node_modules"
    if not (folder / name / program).exists() or shutil.which("node") is None:
        pytest.skip(f"NODE_TOOLS names no folder with {version}")
    return folder


# -- jest ------------------------------------------------------------------------------------------

FEW = "src/v4/classic/tests/n des.js hash.js case/"
JESTS = [
    ("jest", FEW),
    ("jest", f"--verbose {FEW}"),
    ("jest", f"--coverage {FEW}"),
    ("jest", f"--color {FEW}"),
    ("jest", f"--silent --expand --runInBand {FEW}"),
    ("jest", "src/v3"),
    ("jest29", "src/v3"),
    ("jest28", "src/v3"),
    ("jest27", "src/v3"),
    ("jest29", f"--verbose --color {FEW}"),
    ("jest27", f"--verbose --color {FEW}"),
]


@pytest.mark.parametrize(("version", "options"), JESTS)
def test_what_jest_says_is_read_as_it_tells_it(version: str, options: str, theirs: Path) -> None:
    program = tool(version, "bin/jest.js") / "jest/bin/jest.js"
    command = ["node", str(program), "--ci", "--json", *options.split()]
    said, data = ran(theirs, MODULES, command)
    report = read(said)
    assert report.tool == "jest"
    told = Counter(told_in(data, theirs, " › ", NO_SUITE))
    compare(report, told, theirs, data["numFailedTests"])


@pytest.mark.parametrize(
    ("version", "colour"), [("jest", "0"), ("jest", "1"), ("jest29", "1"), ("jest27", "0")]
)
def test_what_jest_says_of_projects_under_npm_is_read(
    version: str, colour: str, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the lines of npm around it, and the name of a project on the line of each file."""
    program = tool(version, "bin/jest.js") / "jest/bin/jest.js"
    projects = [
        {**JEST, "displayName": name, "testRegex": [pattern], "rootDir": "."}
        for name, pattern in (("cases", "case/.*spec"), ("two words", r"(des|hash)\.js/test/.*-"))
    ]
    for one in projects:
        del one["testMatch"], one["testTimeout"]
    (theirs / "projects.json").write_text(json.dumps({"projects": projects}))
    script = f"node {program} --ci --json --config=projects.json"
    (theirs / "package.json").write_text(json.dumps({"name": "x", "scripts": {"test": script}}))
    monkeypatch.setenv("FORCE_COLOR", colour)
    said, data = ran(theirs, MODULES, ["npm", "test", "--"])
    report = read(said)
    assert report.tool == "jest"
    told = Counter(told_in(data, theirs, " › ", NO_SUITE))
    compare(report, told, theirs, data["numFailedTests"])


# -- vitest ----------------------------------------------------------------------------------------

VITESTS = [
    ("vitest", FEW),
    ("vitest", f"--reporter=verbose {FEW}"),
    ("vitest", f"--coverage {FEW}"),
    ("vitest", "--no-isolate src/v3"),
    ("vitest3", "src/v3"),
    ("vitest2", "src/v3"),
    ("vitest1", "src/v3/tests/s src/v3/tests/r"),
    ("vitest3", "--reporter=verbose src/v4/classic/tests/n src/v4/classic/tests/o"),
    ("vitest1", "--reporter=verbose src/v4/classic/tests/n src/v4/classic/tests/o"),
]


@pytest.mark.parametrize(("version", "options"), VITESTS)
def test_what_vitest_says_is_read_as_it_tells_it(version: str, options: str, theirs: Path) -> None:
    modules = tool(version, "vitest.mjs")
    usual = [] if "--reporter" in options else ["--reporter=default"]
    command = ["node", str(modules / "vitest/vitest.mjs"), "run", "--reporter=json", *usual]
    said, data = ran(theirs, modules, [*command, *options.split()])
    report = read(said)
    assert report.tool == "vitest"
    compare(report, Counter(told_in(data, theirs, " > ", "")), theirs, data["numFailedTests"])


@pytest.mark.parametrize(
    ("version", "colour"), [("vitest", "0"), ("vitest", "1"), ("vitest3", "0"), ("vitest3", "1")]
)
def test_what_vitest_says_of_projects_under_npm_is_read(
    version: str, colour: str, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tool(version, "vitest.mjs")
    projects = ", ".join(
        f"{{ extends: './vitest.config.mjs', test: {{ name: '{name}', include: ['{pattern}'] }} }}"
        for name, pattern in (("nine", "src/**/n*.test.ts"), ("two words", "src/**/o*.test.ts"))
    )
    text = f"export default {{ test: {{ projects: [{projects}] }} }};\n"
    (theirs / "projects.mjs").write_text(text)
    script = f"node {modules}/vitest/vitest.mjs run --reporter=json --reporter=default"
    scripts = {"test": f"{script} --config=projects.mjs"}
    (theirs / "package.json").write_text(json.dumps({"name": "x", "scripts": scripts}))
    monkeypatch.setenv("FORCE_COLOR" if colour == "1" else "NO_COLOR", "1")
    said, data = ran(theirs, modules, ["npm", "test", "--"])
    report = read(said)
    assert report.tool == "vitest"
    compare(report, Counter(told_in(data, theirs, " > ", "")), theirs, data["numFailedTests"])
