"""cargo check and cargo test on spoiled crates of other projects: what is read of their text is
what rustc and libtest tell in JSON.

The crates: those in the folder that OUTSIDE_SOURCES names (see outside.py), in cargo's own cache
of downloads and in /usr/share/cargo/registry (Debian's librust-…-dev) that are built alone; their
dependencies are left out. Skipped where there is no cargo or no such crate.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Set
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from codexspark_tui.reports import read
from tests.reports.outside import (
    NONE,
    OUTSIDE,
    Way,
    changed,
    miscounted,
    renamed,
    run,
    without_imports,
    words,
)
from tests.reports.test_real import TOOLCHAINS

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("cargo") is None, reason="there is no cargo"),
]
AS_TOLD = {"RUSTFLAGS": "--cap-lints=warn"}
MOST = 14
TEN = 10
REGISTRIES = (
    *sorted(Path(TOOLCHAINS["CARGO_HOME"]).glob("registry/src/*")),
    Path("/usr/share/cargo/registry"),
)
_WORDS = words(
    """
    self Self crate super impl struct enum trait match while loop const static type where return
    break continue unsafe extern move await else true false bool char usize isize macro_rules derive
    """
)
_NEEDS = re.compile(r"^\[(?:target\..+\.)?(?:build-)?dependencies\.[\w-]+\]\n(?:(?!\[).*\n)*", re.M)
_LET = re.compile(r"^ *let \w+ = [^;{]*;$", re.MULTILINE)
_TESTS = re.compile(r"^mod tests? \{", re.MULTILINE)
_ASSERTED = re.compile(r"^.*\bassert(?:_eq)?!\(.*\d.*\);$", re.MULTILINE)
_CLAIMED = re.compile(r"^ *//[/!] *assert(?:_eq)?!\(.*\d.*\);$", re.MULTILINE)
_TEST = re.compile(r"^( *)fn \w+\(\) \{$", re.MULTILINE)
SETTINGS = """[package]
name = "{name}"
version = "0.1.0"
edition = "{edition}"

[lints.rust]
unexpected_cfgs = "allow"

[features]
"""


def alone(folder: Path) -> bool:
    """Whether it is built without another crate, and what it is built of is small."""
    settings = folder / "Cargo.toml"
    if not (folder / "src/lib.rs").exists() or not settings.exists():
        return False
    text = settings.read_text("utf-8", "replace")
    needed = any("optional = true" not in part for part in _NEEDS.findall(text))
    sources = list(folder.glob("src/**/*.rs"))
    large = sum(path.stat().st_size for path in sources) > 250_000
    odd = (
        "[dependencies]\n" in text or "proc-macro = true" in text or (folder / "build.rs").exists()
    )
    return not (needed or large or odd) and "rustc-" not in folder.name


def workspace(folder: Path, change: Way, tests: Way, but: Set[str] = frozenset()) -> None:
    """A workspace of all the crates but a few. `tests`: how files in test folders are spoiled."""
    found = {path.parent for path in OUTSIDE.rglob("Cargo.toml")}
    found |= {path for registry in REGISTRIES if registry.exists() for path in registry.iterdir()}
    crates: dict[str, Path] = {}
    for crate in sorted(found):
        name = re.sub(r"-\d[\d.+\w-]*$", "", crate.name)
        if len(crates) < MOST and name.isidentifier() and alone(crate):
            crates[name] = crate
    crates = {name: crate for name, crate in crates.items() if name not in but}
    if not crates:
        pytest.skip(NONE.format("Rust, and cargo has none either"))
    for name, crate in crates.items():
        text = (crate / "Cargo.toml").read_text()
        edition = re.search(r'^edition = "(\d+)"', text, re.MULTILINE)
        features = re.findall(r"^([\w-]+) = \[", text.partition("[features]")[2], re.MULTILINE)
        told = SETTINGS.format(name=name, edition=edition[1] if edition else 2015)
        told += "".join(f"{one} = []\n" for one in features if one != "default")
        told += 'default = ["std"]\n' if "std" in features else ""
        (folder / name).mkdir(parents=True)
        (folder / name / "Cargo.toml").write_text(told)
        paths = [*crate.glob("src/**/*.rs"), *islice(sorted(crate.glob("tests/*.rs")), 6)]
        for path in paths:
            target = folder / name / path.relative_to(crate)
            target.parent.mkdir(parents=True, exist_ok=True)
            way = tests if target.parent.name == "tests" else change
            target.write_text(way(path.read_text()))
    members = json.dumps(sorted(crates))
    (folder / "Cargo.toml").write_text(f'[workspace]\nresolver = "2"\nmembers = {members}\n')


def cargo(command: str, *more: str) -> list[str]:
    return ["cargo", *command.split(), "--workspace", "--offline", *more]


def errors(folder: Path, command: str) -> Iterator[dict[str, Any]]:
    """What rustc tells, each in one of cargo's messages."""
    for line in run(cargo(command, "--message-format", "json"), folder).out.splitlines():
        row = json.loads(line) if line.startswith(b"{") else {}
        if row.get("reason") == "compiler-message" and row["message"]["level"] == "error":
            yield row


Places = frozenset[tuple[str, int]]
Told = set[tuple[Places, str, str]]


def places(span: dict[str, Any]) -> Places:
    """Of code that a macro made, all from the macro to where it is called."""
    here = (span["file_name"], span["line_start"])
    called = (span["expansion"] or {}).get("span")
    return frozenset({here}) | (places(called) if called else frozenset())


def told_by_rustc(folder: Path, command: str) -> Told:
    """Where, what, and the code of an error that has one; not that there were errors. Of an error
    with several places any may be the first."""
    told: Told = set()
    for row in errors(folder, command):
        message = row["message"]
        if message["spans"]:
            first = [places(one) for one in message["spans"] if one["is_primary"]]
            code = (message["code"] or {}).get("code", "")
            rule = code if re.fullmatch(r"E\d{4}", code) else ""
            told.add((frozenset().union(*first), message["message"].partition("\n")[0], rule))
    return told


WAYS: dict[str, Way] = {
    "names": lambda text: renamed(text, 90, _WORDS),
    "all words": lambda text: renamed(text, 900),
    "variables": lambda text: changed(text, _LET.finditer(text), 5, lambda _: ""),
    "imports": lambda text: without_imports(text, 2),
}
FORMS = (
    "check --keep-going --all-targets",
    "build --keep-going -j 2",
    "check --keep-going --color always",
    "check --keep-going -v",
    "test --no-run --no-fail-fast",
)


@pytest.mark.parametrize("way", WAYS)
def test_what_cargo_says_is_what_rustc_tells_in_json(way: str, tmp_path: Path) -> None:
    workspace(tmp_path, WAYS[way], str)
    every: Told = set()
    for form in FORMS:
        told = told_by_rustc(tmp_path, form)
        report = read(run(cargo(form), tmp_path).both)
        found = {(one.path, one.line, one.message, one.rule) for one in report.findings}
        known = {(*at, message, rule) for where, message, rule in told for at in where}
        met = {one for one in told if any((*at, *one[1:]) in found for at in one[0])}
        assert report.tool == "cargo"
        assert (found - known, told - met) == (set(), set()), form
        every |= told
    assert len(every) > TEN


def in_tests(way: Way) -> Way:
    """Only in a module of tests."""

    def change(text: str) -> str:
        found = _TESTS.search(text)
        start = found.start() if found else len(text)
        return text[:start] + way(text[start:])

    return change


def in_examples(text: str) -> str:
    """Of what documentation shows every second claim: most do not hold, some are not built."""

    def other(line: str) -> str:
        return line.replace("assert", "assertGone") if len(line) % 4 == 0 else miscounted(line, 1)

    return changed(text, _CLAIMED.finditer(text), 2, other)


TEST_WAYS: dict[str, Way] = {
    "other numbers": lambda text: changed(
        text, _ASSERTED.finditer(text), 2, lambda line: miscounted(line, 1)
    ),
    "panics": lambda text: changed(
        text, _TEST.finditer(text), 5, lambda line: f'{line} if true {{ panic!("gone\\n  twice") }}'
    ),
}


def told_by_libtest(folder: Path, what: str) -> Counter[str]:
    asked = cargo(f"test --no-fail-fast {what}", "--", "-Z", "unstable-options", "--format", "json")
    rows = run(asked, folder, RUSTC_BOOTSTRAP="1", **AS_TOLD).out.splitlines()
    every = [json.loads(line) for line in rows if line.startswith(b'{ "type": "test"')]
    return Counter(row["name"] for row in every if row["event"] == "failed")


def compared(folder: Path, what: str, change: Way, tests: Way) -> None:
    good = folder / "good"
    workspace(good, str, str)
    paths = (Path(row["target"]["src_path"]) for row in errors(good, "check --tests --keep-going"))
    bad = {path.relative_to(good).parts[0] for path in paths}  # they need others for their tests
    workspace(folder, change, tests, bad)
    told = told_by_libtest(folder, what)
    for form in ((), ("--", "--test-threads=1"), ("--color", "always")):
        report = read(run(cargo(f"test --no-fail-fast {what}", *form), folder, **AS_TOLD).both)
        assert report.tool == "cargo"
        assert Counter(one.rule for one in report.findings) == told, form
        assert report.failures == told.total()
    assert len(told) >= TEN


@pytest.mark.parametrize("way", TEST_WAYS)
def test_what_cargo_test_says_is_what_libtest_tells_in_json(way: str, tmp_path: Path) -> None:
    compared(tmp_path, "--lib --tests", in_tests(TEST_WAYS[way]), TEST_WAYS[way])


def test_what_examples_say_is_what_libtest_tells_in_json(tmp_path: Path) -> None:
    compared(tmp_path, "--doc", in_examples, str)
