"""The README's commands are the ones that CI runs, and what it says of the command line is true."""

from __future__ import annotations

import re
from pathlib import Path

from codexspark_tui.cli.commands import COMMANDS
from codexspark_tui.errors import (
    KeyMissing,
    LimitReached,
    NotPlaced,
    ProviderError,
    UsageError,
)

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_ci_calls_the_test_command_as_the_readme_has_it() -> None:
    commands = [c for c in re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL) if "pytest" in c]
    assert len(commands) == 1
    assert commands[0] in (ROOT / ".ci/run").read_text().splitlines()


def test_every_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"(?:^|[|`(] ?)spark ([a-z]+)", README, re.MULTILINE))
    assert named, "the README shows no command"
    assert named <= set(COMMANDS)


def test_the_exit_codes_in_the_readme_are_those_of_the_errors() -> None:
    listed = set(re.findall(r"^\| (\d+) \|", README, re.MULTILINE))
    errors = (UsageError, ProviderError, KeyMissing, NotPlaced, LimitReached)
    assert listed == {"0", "1", *(str(error.exit_code) for error in errors)}


def test_every_document_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_test_that_the_safety_page_names_is_there() -> None:
    named = re.findall(r"`((?:[a-z]+/)[a-z_]*(?:\.py)?)`", (ROOT / "docs/safety.md").read_text())
    assert named
    assert [name for name in named if not (ROOT / "tests" / name).exists()] == []
