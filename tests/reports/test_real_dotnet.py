"""What is read of the output of a real `dotnet`: build, run and test, with no package from outside.

Test frameworks are packages, so the tests here run under a small one of our own (`vstest/`); what
is printed is the console's own. Skipped where `dotnet` is not installed.
"""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

from tests.reports.test_real import Fault, by_name, check, needs

pytestmark = pytest.mark.full
VSTEST = Path(__file__).with_name("vstest")
NO_FEEDS = "<configuration><packageSources><clear /></packageSources></configuration>\n"
PROJECT = (
    '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>'
    "<TargetFramework>FRAMEWORK</TargetFramework></PropertyGroup>{}</Project>\n"
)
MAIN = (
    "class Program {{\n  static int F(int x) {{ return {}; }}\n"
    "  static void Main() {{ F(0); }}\n}}\n"
)
APP = {"NuGet.config": NO_FEEDS, "app.csproj": PROJECT.format("")}
NO_NAME = "The name 'y' does not exist in the current context"
BUILDS = [
    Fault("a name", "dotnet build", {**APP, "P.cs": MAIN.format("y")}, (f"P.cs:2: {NO_NAME}",)),
    Fault(
        "quiet",
        "dotnet build -v q",
        {**APP, "P.cs": MAIN.format('"x"')},
        ("P.cs:2: Cannot implicitly convert type 'string' to 'int'",),
    ),
    Fault("syntax", "dotnet build", {**APP, "P.cs": MAIN.format("(1")}, ("P.cs:2: ) expected",)),
    Fault(
        "in a folder below",
        "dotnet build src/app",
        {
            "NuGet.config": NO_FEEDS,
            "src/app/app.csproj": PROJECT.format(""),
            "src/app/in/P.cs": MAIN.format("y"),
        },
        (f"src/app/in/P.cs:2: {NO_NAME}",),
    ),
    Fault(
        "two files",
        "dotnet build",
        {**APP, "P.cs": MAIN.format("G.H()"), "G.cs": "class G {\n  public int H() => y;\n}\n"},
        (
            f"G.cs:2: {NO_NAME}",
            "P.cs:2: An object reference is required for the non-static field, method, or property",
        ),
    ),
    Fault(
        "warnings as errors",
        "dotnet build -p:TreatWarningsAsErrors=true",
        {**APP, "P.cs": MAIN.format("x;\n    int y")},
        (
            "P.cs:3: Unreachable code detected",
            "P.cs:3: The variable 'y' is declared but never used",
        ),
    ),
    Fault(
        "a package that cannot be had",
        "dotnet build",
        {
            **APP,
            "app.csproj": PROJECT.format(
                '<ItemGroup><PackageReference Include="Nowhere" Version="1.0" /></ItemGroup>'
            ),
            "P.cs": MAIN.format("1"),
        },
        ("app.csproj:0: Unable to ",),
    ),
    Fault("no project", "dotnet build", {}, (":0: Specify a project or solution file.",)),
    Fault(
        "a broken project",
        "dotnet build",
        {"app.csproj": "<Project\n"},
        ("app.csproj:1: The project file could not be loaded.",),
    ),
    Fault(
        "no entry",
        "dotnet build",
        {**APP, "P.cs": "class P {\n}\n"},
        (":0: Program does not contain a static 'Main' method suitable for an entry point",),
    ),
    Fault(
        "run, and it does not build",
        "dotnet run",
        {**APP, "P.cs": MAIN.format("y")},
        (f"P.cs:2: {NO_NAME}",),
    ),
    Fault(
        "run, and it throws",
        "dotnet run",
        {**APP, "P.cs": MAIN.format("1 / x")},
        ("P.cs:2: System.DivideByZeroException: Attempted to divide by zero.",),
    ),
]
TESTS = """\
using System;
namespace Demo
{
    public class Prices { public static int Price(int x) { return 100 / x; } }
    public class Tests
    {
        [Test] public void Adds() { }
        [Test] public void Divides() { Prices.Price(0); }
        [Test] public void SaysLong() { throw new Exception("wanted\\n\\nExpected: 1"); }
    }
}
"""
WRONG = (
    "tests/Tests.cs:4: Attempted to divide by zero.",
    "tests/Tests.cs:9: wanted",
)
RUNS = [
    Fault(name, command, {"tests/Tests.cs": TESTS}, wanted, count=count, blocks=blocks)
    for name, command, wanted, count, blocks in (
        ("tests", "dotnet test tests", WRONG, 2, False),
        (
            "all tests listed",
            "dotnet test tests --logger 'console;verbosity=detailed'",
            WRONG,
            2,
            False,
        ),
        ("tests do not build", "dotnet test tests", (f"tests/Tests.cs:4: {NO_NAME}",), 1, True),
    )
]


@functools.cache
def framework() -> str:
    said = subprocess.run(["dotnet", "--version"], capture_output=True, text=True, check=False)
    major, minor = said.stdout.split(".")[:2]
    return f"net{major}.{minor}" if int(major) > 3 else f"netcoreapp{major}.{minor}"


def put(fault: Fault, folder: Path) -> None:
    for name, text in fault.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("FRAMEWORK", framework()))


def kept(fault: Fault, blocks: bool) -> Fault:
    return Fault(fault.name, fault.command, {}, fault.wanted, "", fault.count, blocks)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOTNET_CLI_TELEMETRY_OPTOUT", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("MSBUILDDISABLENODEREUSE", "1")
    monkeypatch.setenv("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")


@needs("dotnet")
@by_name(BUILDS)
def test_dotnet_build_and_run(fault: Fault, tmp_path: Path) -> None:
    put(fault, tmp_path)
    check("dotnet", kept(fault, True), tmp_path)


@needs("dotnet")
@by_name(RUNS)
def test_dotnet_test(fault: Fault, tmp_path: Path) -> None:
    put(fault, tmp_path)
    for name, folder in (
        ("Host.cs", "host"),
        ("testhost.csproj", "host"),
        ("Mini.cs", "tests"),
        ("Demo.TestAdapter.csproj", "tests"),
    ):
        text = (VSTEST / name).read_text("utf-8")
        put(Fault("", "", {f"{folder}/{name}": text, "NuGet.config": NO_FEEDS}, ()), tmp_path)
    if fault.blocks:
        tests = tmp_path / "tests/Tests.cs"
        tests.write_text(TESTS.replace("100 / x", "y"))
    check("dotnet", kept(fault, fault.blocks), tmp_path)
