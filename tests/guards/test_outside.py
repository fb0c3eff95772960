"""The guards over files of outside projects that lie on this machine: edits that are honest trouble
none of them, and what breaks a rule is found in every file."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codexspark_tui.patch import apply_resolved, split_lines, to_line
from codexspark_tui.patch.diff import diff
from codexspark_tui.patch.model import ResolvedCreate
from codexspark_tui.session.guards import Rules, Subject, check
from codexspark_tui.session.guards.api import _names
from codexspark_tui.session.guards.imports import imports_of
from codexspark_tui.session.guards.languages import language_of as language_of_guards
from codexspark_tui.session.guards.languages import reading_of
from codexspark_tui.session.guards.manifests import is_manifest
from codexspark_tui.syntax import faults, language_of, readings
from tests.guards import outside
from tests.guards.outside import Source

STRICT = Rules(no_new_deps=True, keep_api=True, syntax=True)
FEW, MANY = 8, 300
KEY = "AKIA" + "IZ7Q2MNT4WKXH3RV"
SEEDED = {
    "secrets": f'key = "{KEY}"',
    "conflict_markers": "<" * 7 + " HEAD",
    "control_characters": "x = '\u202e'",
}


def files(ending: str, most: int) -> list[Source]:
    found = outside.sources(ending, most)
    if len(found) < FEW:
        pytest.skip(f"there are no {ending} files of others on this machine")
    return found


def subjects(source: Source, after: str) -> Iterator[Subject]:
    """Hunk by hunk, as a patch brings them."""
    for hunk in diff(source.path, source.text, after):
        alone = apply_resolved(source.text, [hunk])
        assert isinstance(alone, str)
        yield Subject(hunk, source.text, alone)


def rules_broken(source: Source, after: str, rules: Rules) -> list[str]:
    return [found.rule for one in subjects(source, after) for found in check(one, rules)]


def honest(ending: str, most: int) -> None:
    for source in files(ending, most):
        for name, edit in outside.HONEST.items():
            after = edit(source, random.Random(source.path))
            if after is not None:
                assert rules_broken(source, after, STRICT) == [], (source.path, name)


def broken(ending: str, most: int) -> None:
    for source in files(ending, most):
        after = outside.foreign_import(source, random.Random(0))
        assert after is not None
        assert rules_broken(source, after, Rules(no_new_deps=True)) == ["no_new_deps"], source.path
        after = outside.lost_bracket(source, random.Random(source.path))
        if after is not None:
            assert rules_broken(source, after, Rules(syntax=True)) == ["syntax"], source.path
        for name, look in list(names_of(source).items())[:4]:
            after = outside.more_parameters(source, name) if "(" in look else None
            if after is not None and "class" not in look.partition("(")[0]:
                said = rules_broken(source, after, Rules(keep_api=True))
                assert "keep_api" in said, (source.path, name)
        for rule, line in SEEDED.items():
            after = f"{source.text.rstrip()}\n{line}\n"
            assert rule in rules_broken(source, after, Rules()), (source.path, rule)


def made_anew(ending: str, most: int) -> float:
    """The share of whole files that are found to be wrong when they are made."""
    wrong = 0
    several = files(ending, most)
    for source in several:
        lines = tuple(to_line("+", raw) for raw in split_lines(source.text))
        found = check(Subject(ResolvedCreate(source.path, lines), None, source.text), Rules())
        wrong += bool(found)
    return wrong / len(several)


def is_read(source: Source) -> bool:
    language = language_of(source.path)
    assert language is not None
    several = readings(language.name, source.text)
    return any(not any(faults(source.path, part) for part in reading) for reading in several)


def names_of(source: Source) -> dict[str, str]:
    by_tree = source.ending == "py"
    return _names(
        source.path, source.text, None if by_tree else reading_of(source.path, source.text)
    )


@pytest.mark.parametrize("ending", outside.ENDINGS)
def test_a_few_files_of_others(ending: str) -> None:
    honest(ending, FEW)
    broken(ending, FEW)


@pytest.mark.full
@pytest.mark.parametrize("ending", outside.ENDINGS)
def test_honest_edits_of_outside_projects_are_none(ending: str) -> None:
    honest(ending, MANY)


@pytest.mark.full
@pytest.mark.parametrize("ending", outside.ENDINGS)
def test_what_breaks_a_rule_is_found_in_outside_projects(ending: str) -> None:
    broken(ending, MANY)


@pytest.mark.full
@pytest.mark.parametrize("ending", outside.ENDINGS)
def test_files_of_outside_projects_hold_no_keys_marks_or_hidden_characters(ending: str) -> None:
    assert made_anew(ending, MANY) < 0.005


@pytest.mark.full
@pytest.mark.parametrize("ending", outside.ENDINGS)
def test_files_of_outside_projects_can_be_read(ending: str) -> None:
    several = files(ending, MANY)
    wrong = [source.path for source in several if not is_read(source)]
    assert len(wrong) < 0.005 * len(several)


def tree_of(source: Source) -> Path:
    """The folder of its project: the outermost that holds a manifest, else the first one."""
    assert source.folder is not None
    above = [source.folder / part for part in Path(source.path).parents][-2::-1]
    found = (at for at in above if any(is_manifest(str(one)) for one in at.iterdir()))
    return next(found, above[0] if above else source.folder)


def there_again(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    """For each name that a file imports: the findings where it is imported once more."""
    tree, language = tree_of(source), language_of_guards(source.path)
    assert source.folder is not None
    path = str((source.folder / source.path).relative_to(tree))

    def read(name: str) -> str | None:
        file = tree / name
        return file.read_text("utf-8", "replace") if file.is_file() else None

    def holding(word: str) -> list[str]:
        command = ["grep", "-rlwF", "-e", word, "."]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        return [line[2:] for line in done.stdout.splitlines()]

    lines = source.text.splitlines(keepends=True)
    names: dict[str, set[int]] = {}
    for number, name in imports_of(language, source.text):
        names.setdefault(name, set()).add(number)
    for name, numbers in names.items():
        before = "".join(line for n, line in enumerate(lines, 1) if n not in numbers)
        for hunk in diff(path, before, source.text):
            after = apply_resolved(before, [hunk])
            assert isinstance(after, str)
            subject = Subject(hunk, before, after, read=read, holding=holding)
            found = check(subject, Rules(no_new_deps=True, secrets=False))
            yield name, tuple(one.why for one in found)


@pytest.mark.full
@pytest.mark.parametrize("ending", [one for one in outside.ENDINGS if one != "java"])
def test_what_a_project_has_is_no_new_dependency(ending: str) -> None:
    said = [one for source in files(ending, 60) for one in there_again(source)]
    wrong = [one for one in said if one[1]]
    assert len(said) > 5
    assert len(wrong) <= 0.03 * len(said), wrong  # packages that are shipped without manifests
