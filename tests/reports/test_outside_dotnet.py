"""dotnet on what others wrote: C# of other projects, built without what it needs and broken by
rule, and tests of others. What is read of the console is compared with what the compiler itself
writes in SARIF, and VSTest in XML, of the same run.

CS_SOURCES names a folder with the sources of C# projects, each in a folder of its own. Skipped
where there is none, or no `dotnet`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree

import pytest

from codexspark_tui.reports import read
from tests.reports.test_real_dotnet import NO_FEEDS, VSTEST, framework, quiet

__all__ = ["quiet"]
pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(shutil.which("dotnet") is None, reason="dotnet not installed"),
]
SOURCES = Path(os.environ.get("CS_SOURCES", "/nowhere"))
MOST = 150  # files of one project
Told: TypeAlias = set[tuple[str, int, str, str, int]]
"""File, line, code, message and column of each error."""

PROJECT = (
    '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>{}</TargetFramework>'
    "<AllowUnsafeBlocks>true</AllowUnsafeBlocks><Deterministic>false</Deterministic>"
    "<GenerateAssemblyInfo>false</GenerateAssemblyInfo>{}</PropertyGroup></Project>\n"
)
FAULTS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: re.sub(r"\breturn (?=\w)", "return nothing + ", text),
    lambda text: re.sub(r"\bint (?=\w+ = )", "string ", text),
    lambda text: re.sub(r"\.Length\b", ".Length()", text),
    lambda text: re.sub(r"\b(if|while) \((?=\w)", r'\1 ("" + ', text),
)
BREAKS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: re.sub(r"\breturn (\w+);", r"return \1", text, count=9),
    lambda text: text.rstrip().removesuffix("}"),
    lambda text: re.sub(r"\bif\s*\(", "if ((", text, count=9),
    lambda text: text + '\nclass "É" { }\n',
)


def projects() -> list[Path]:
    """Folders with enough C# in them; a place that does not exist, so that a test is skipped."""
    found = (path for path in SOURCES.glob("*") if len([*path.rglob("*.cs")]) > 10)
    return sorted(found) or [SOURCES / "a project"]


def put(project: Path, folder: Path, faults: tuple[Callable[[str], str], ...]) -> None:
    """Some files of a project, all over it, as one of ours, and broken by turns."""
    if not project.exists():
        pytest.skip("CS_SOURCES names no folder with sources of C# projects")
    paths = sorted(project.rglob("*.cs"))
    for number, path in enumerate(paths[:: len(paths) // MOST + 1]):
        text = path.read_bytes().decode("utf-8-sig", "replace")
        to = folder / "src" / path.relative_to(project)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(faults[number % len(faults)](text), "utf-8")
    told = "<ErrorLog>$(MSBuildProjectDirectory)/told.sarif</ErrorLog>"
    (folder / f"{folder.name}.csproj").write_text(PROJECT.format(framework(), told))


def ran(command: str, folder: Path) -> bytes:
    (folder / "NuGet.config").write_text(NO_FEEDS)
    return subprocess.run(
        ["dotnet", *command.split()],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=115,
        check=False,
    ).stdout


def told_in(path: Path) -> Told:
    told: Told = set()
    for row in json.loads(path.read_bytes())["runs"][0]["results"]:
        if row["level"] == "error" and "suppressionStates" not in row:
            at: Any = row["locations"][0]["resultFile"] if row["locations"] else {"uri": ""}
            region = at.get("region", {"startLine": 0, "startColumn": 0})
            file = unquote(urlparse(at["uri"]).path)
            message = " ".join(row["message"].split())
            told.add((file, region["startLine"], row["ruleId"], message, region["startColumn"]))
    return told


def compare(said: bytes, errors: Told, folder: Path) -> None:
    report = read(said)
    assert report.tool == "dotnet", said[-2000:]
    found = Counter(
        (str(folder / one.path), one.line, one.rule, " ".join(one.message.split()))
        for one in report.findings
    )
    told = Counter(one[:4] for one in errors)
    assert sorted((found - told).items()) == []
    assert sorted((told - found).items()) == []
    assert report.failures == len(errors) >= 10


BUILDS = [
    "build",
    "build -v q -nologo",
    "build -v n -m:2",
    "build -p:GenerateFullPaths=true -clp:NoSummary",
    "build -p:TreatWarningsAsErrors=true -clp:ForceConsoleColor",
    "msbuild -restore -v:d -m:2 -clp:ShowTimestamp",
    "publish -v m -clp:ErrorsOnly",
]


@pytest.mark.parametrize("project", projects(), ids=lambda path: path.name)
@pytest.mark.parametrize("faults", [FAULTS, BREAKS], ids=["wrong", "broken"])
def test_what_dotnet_says_of_others_is_read_as_the_compiler_tells_it(
    faults: tuple[Callable[[str], str], ...], project: Path, tmp_path: Path
) -> None:
    put(project, tmp_path, faults)
    compare(ran("build", tmp_path), told_in(tmp_path / "told.sarif"), tmp_path)


@pytest.mark.parametrize("command", BUILDS[1:])
def test_each_way_to_build_is_read_as_the_compiler_tells_it(command: str, tmp_path: Path) -> None:
    put(projects()[0], tmp_path, FAULTS)
    compare(ran(command, tmp_path), told_in(tmp_path / "told.sarif"), tmp_path)


@pytest.mark.parametrize("options", ["", " -v n -m:2"])
def test_projects_of_one_solution_are_read_as_the_compiler_tells_them(
    options: str, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b b")]
    for folder, project in zip(folders, [*projects(), *projects()], strict=False):
        put(project, folder, FAULTS)
    ran("new sln --name all", tmp_path)
    for folder in folders:
        added = subprocess.run(["dotnet", "sln", "add", str(folder)], cwd=tmp_path, check=False)
        assert added.returncode == 0
    said = ran(f"build{options}", tmp_path)
    told = set.union(*(told_in(folder / "told.sarif") for folder in folders))
    compare(said, told, tmp_path)


# -- tests -----------------------------------------------------------------------------------------

CALL_CONTEXT = """\
namespace System.Runtime.Remoting.Messaging
{
    static class CallContext
    {
        public static object GetData(string name) => null;
        public static void SetData(string name, object value) { }
    }
}
"""
"""What their framework asks of an older .NET."""
DEFINED = (
    "<GenerateAssemblyInfo>false</GenerateAssemblyInfo><DefineConstants>CLR_2_0;NET_2_0;CLR_4_0;"
    "NET_4_0</DefineConstants><DebugType>$(Symbols)</DebugType><IsTestProject>"
)


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """NUnit's own tests with NUnit, run by the small adapter; what needs a compiler is left out."""
    found = sorted(SOURCES.glob("*/**/NUnitFramework"))
    if not found:
        pytest.skip("CS_SOURCES names no folder with the sources of NUnit 2")
    folder = tmp_path_factory.mktemp("theirs")
    for name in ("framework", "tests"):
        shutil.copytree(found[0] / name, folder / "tests" / name)
    for path in (folder / "tests").rglob("*.*"):
        text = path.read_bytes() if path.suffix == ".cs" else b"TestCompiler"
        if b"TestCompiler" in text or path.name == "AssemblyInfo.cs":
            path.unlink()
    (folder / "host").mkdir()
    for path in VSTEST.iterdir():
        to = folder / ("host" if path.stem in ("Host", "testhost") else "tests") / path.name
        text = path.read_text().replace("FRAMEWORK", framework())
        to.write_text(text.replace("<IsTestProject>", DEFINED) if "Demo" in path.name else text)
    (folder / "tests/CallContext.cs").write_text(CALL_CONTEXT)
    return folder


RESULT = ".//{*}UnitTestResult"
PLACE = re.compile(r" in (\S+):line (\d+)")


def told_of_tests(path: Path) -> Counter[tuple[str, str, str, int]]:
    """Name, first line of the message, file and line of the innermost frame that has a place."""
    told = Counter[tuple[str, str, str, int]]()
    for case in ElementTree.parse(path).iterfind(RESULT):
        if case.attrib["outcome"] == "Failed":
            message = case.findtext(".//{*}Message") or ""
            placed = PLACE.search(case.findtext(".//{*}StackTrace") or "")
            first = next((line.strip() for line in message.splitlines() if line.strip()), "")
            file, line = (placed[1], int(placed[2])) if placed else ("", 0)
            told[case.attrib["testName"], first, file, line] += 1
    return told


@pytest.mark.parametrize(
    "options",
    [
        "",
        "--logger console;verbosity=detailed",
        "-v m -nologo",
        "-v n -m:2",
        "-p:Symbols=none --logger console;verbosity=minimal",
    ],
)
def test_what_dotnet_test_says_of_others_is_read_as_it_tells_it_in_xml(
    options: str, tests: Path
) -> None:
    (tests / "told.trx").unlink(missing_ok=True)
    trx = "--logger trx;LogFileName=told.trx --results-directory ."
    report = read(said := ran(f"test tests {trx} {options}", tests))
    told = told_of_tests(tests / "told.trx")
    found = Counter((one.rule, one.message, one.path, one.line) for one in report.findings)
    assert report.tool == "dotnet", said[-2000:]
    assert sorted((found - told).items()) == []
    assert sorted((told - found).items()) == []
    assert report.failures == told.total() >= 10
