"""Themes are found in wheel and source tree; an error in one says where and costs no other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.state_dir import config_dir
from codexspark_tui.themes import (
    DEFAULT,
    FALLBACKS,
    LARGEST_BYTES,
    LONGEST_LINE,
    MOST_FILES,
    MOST_PROBLEMS,
    ROLES,
    Loaded,
    Theme,
    check_contrast,
    load_all,
    shipped_folder,
    stamp,
)

ROOT = Path(__file__).parent.parent
SHIPPED = ("spark-dark", "spark-colorblind", "spark-contrast", "spark-light")
NEEDED = [role for role in ROLES if role not in FALLBACKS]


def shipped(name: str) -> Theme:
    return load_all(Path("/nonexistent")).themes[name]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / f"{name}.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def reasons(loaded: Loaded) -> list[tuple[str, str, str]]:
    return [(problem.file.name, problem.key, problem.reason) for problem in loaded.problems]


# What is shipped


def test_four_themes_are_shipped_and_the_default_is_first() -> None:
    loaded = load_all(Path("/nonexistent"))
    assert tuple(loaded.themes) == SHIPPED
    assert loaded.problems == ()
    assert [theme.dark for theme in loaded.themes.values()] == [True, True, True, False]
    for theme in loaded.themes.values():
        assert list(theme.colours) == list(ROLES)
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in theme.colours.values())
        assert theme.title
        assert theme.description


# The user's own


def test_the_users_folder_is_below_our_config_folder() -> None:
    folder = config_dir() / "themes"
    folder.mkdir(parents=True)
    file = write(folder, "mine", 'extends = "spark-light"\ncolours.accent = "#A0B"\n')
    base = shipped("spark-light")
    theme = load_all().themes["mine"]
    assert theme == Theme("mine", "mine", "", file, {**base.colours, "accent": "#aa00bb"})


def test_a_theme_may_extend_any_other_whatever_their_order(tmp_path: Path) -> None:
    write(tmp_path, "a", 'extends = "b"\ntitle = "A"\n[colours]\nmuted = "#111111"')
    write(tmp_path, "b", 'extends = "c"\n[colours]\nmuted = "#222222"\ntext = "#333333"')
    plain = "".join(f'{role} = "#444444"\n' for role in NEEDED)
    write(tmp_path, "c", f"[colours]\n{plain}")
    loaded = load_all(tmp_path)
    assert reasons(loaded) == []
    assert tuple(loaded.themes) == (*SHIPPED, "a", "b", "c")
    changed = {"muted": "#111111", "text": "#333333"}
    code = {"comment": "#111111", "function": "#333333", "type": "#333333"}
    assert loaded.themes["a"].colours == dict.fromkeys(ROLES, "#444444") | changed | code


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("title = ", "", "is not TOML: Invalid value (at end of document)"),
        (b"title = '\xe9'", "", "is not TOML: 'utf-8' codec can't decode byte 0xe9 in position 9"),
        ("a = " + "[" * 900, "", "is not a theme: it is nested too deeply"),
        ("a" + ".a" * LONGEST_LINE + " = 1", "", "has a line of more than 1000 bytes"),
        ("#\n" * LARGEST_BYTES, "", "is larger than 32 KiB"),
        ('titel = "x"', "titel", "there is no such key; did you mean 'title'?"),
        ("title = 3", "title", "must be one line of at most 40 plain characters, not a number"),
        ("title = true", "title", "plain characters, not true or false"),
        ("title = 2024-01-01", "title", "plain characters, not a date"),
        ('title = "a\\u001b[31m"', "title", "plain characters, not 'a\\x1b[31m'"),
        ('title = "a\\u202eb"', "title", "plain characters, not 'a\\u202eb'"),
        ('description = "a\\nb"', "description", "at most 200 plain characters, not 'a\\nb'"),
        ("extends = []", "extends", "plain characters, not a list"),
        (
            'extends = "spark-drak"',
            "extends",
            "theme 'spark-drak'; did you mean 'spark-dark'?",
        ),
        ('extends = "broken"', "extends", "there is no usable theme 'broken'"),
        ('extends = "mine"', "extends", "goes round in a circle: mine → mine"),
        ("colours = 1", "colours", "must be a table of roles and colours, not a number"),
        ('colors.text = "#fff"', "colors", "there is no such key; did you mean 'colours'?"),
        ('colours.tex = "#fff"', "colours.tex", "there is no such role; did you mean 'text'?"),
        (
            'colours.text = "red"',
            "colours.text",
            'must be a colour such as "#3fa" or "#33ffaa", not',
        ),
        ('colours.text = "#ffff"', "colours.text", "not '#ffff'"),
        ('colours.text = "#fff\\n"', "colours.text", "not '#fff\\n'"),
        ("colours.text = 16", "colours.text", "not a number"),
        ("colours.text.a = 1", "colours.text", "not a table"),
        (
            'colours.text = "#fff"',
            "colours",
            "gives no colour to background, surface, panel, muted",
        ),
        ("", "colours", "add them, or extend another theme"),
    ],
)
def test_an_error_names_file_key_and_reason(
    tmp_path: Path, text: str | bytes, key: str, reason: str
) -> None:
    write(tmp_path, "broken", "title = 1")
    file = write(tmp_path, "mine", text)
    write(tmp_path, "sound", 'extends = "spark-dark"')
    loaded = load_all(tmp_path)
    assert tuple(loaded.themes) == (*SHIPPED, "sound")
    (problem,) = (problem for problem in loaded.problems if problem.file == file)
    assert problem.key == key
    assert reason in problem.reason
    assert str(problem) == ": ".join(part for part in (str(file), key, problem.reason) if part)


def test_all_errors_of_a_file_are_named_at_once_up_to_a_number(tmp_path: Path) -> None:
    write(tmp_path, "few", 'title = 1\nsize = 2\n[colours]\ntext = 3\nmuted = "#fff"\n')
    many = "".join(f"role{number} = 1\n" for number in range(2000))
    write(tmp_path, "many", f"[colours]\n{many}")
    keys: dict[str, list[str]] = {"few.toml": [], "many.toml": []}
    for file, key, _ in reasons(load_all(tmp_path)):
        keys[file].append(key)
    assert keys["few.toml"] == ["size", "title", "colours.text"]
    assert keys["many.toml"] == [f"colours.role{number}" for number in range(MOST_PROBLEMS)]


def test_a_circle_is_named_for_each_theme_on_the_way(tmp_path: Path) -> None:
    for name, below in (("a", "b"), ("b", "c"), ("c", "b")):
        write(tmp_path, name, f'extends = "{below}"')
    assert reasons(load_all(tmp_path)) == [
        ("a.toml", "extends", "goes round in a circle: a → b → c → b"),
        ("b.toml", "extends", "goes round in a circle: b → c → b"),
        ("c.toml", "extends", "goes round in a circle: c → b → c"),
    ]


def test_a_shipped_theme_is_never_replaced(tmp_path: Path) -> None:
    write(tmp_path, DEFAULT, 'extends = "spark-light"')
    write(tmp_path, "mine", f'extends = "{DEFAULT}"')
    loaded = load_all(tmp_path)
    reason = "the name 'spark-dark' belongs to a shipped theme; call the file something else"
    assert reasons(loaded) == [("spark-dark.toml", "file name", reason)]
    assert loaded.themes[DEFAULT].file == shipped_folder() / "spark-dark.toml"
    assert loaded.themes["mine"].colours == loaded.themes[DEFAULT].colours


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "device.toml").symlink_to("/dev/zero")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    (tmp_path / "round.toml").symlink_to("round.toml")
    (tmp_path / ".#mine.toml").symlink_to("somebody@somewhere:1")
    (tmp_path / "notes.txt").write_text("not a theme")
    elsewhere = tmp_path / "dotfiles"
    elsewhere.mkdir()
    (tmp_path / "linked.toml").symlink_to(write(elsewhere, "x", 'extends = "spark-dark"'))
    loaded = load_all(tmp_path)
    assert tuple(loaded.themes) == (*SHIPPED, "linked")
    assert reasons(loaded) == [
        ("device.toml", "", "is not a regular file"),
        ("folder.toml", "", "is not a regular file"),
        ("gone.toml", "", "cannot be read: No such file or directory"),
        ("pipe.toml", "", "is not a regular file"),
        ("round.toml", "", "cannot be read: Too many levels of symbolic links"),
    ]


def test_a_folder_that_is_none_or_too_full_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "themes"
    file.write_text("")
    assert reasons(load_all(file)) == [("themes", "", "the folder cannot be read: Not a directory")]
    full = tmp_path / "full"
    full.mkdir()
    for number in range(MOST_FILES + 1):
        write(full, f"theme-{number:03}", 'extends = "spark-dark"')
    loaded = load_all(full)
    reason = f"has {MOST_FILES + 1} themes; only the first {MOST_FILES} by name were read"
    assert reasons(loaded) == [("full", "", reason)]
    assert len(loaded.themes) == len(SHIPPED) + MOST_FILES


NO_UTF8 = pytest.param(
    b"\xff", marks=pytest.mark.skipif(sys.platform == "darwin", reason="the disk refuses it")
)


@pytest.mark.parametrize("name", [b"\x1b]0;x\x07", b"a\nb", NO_UTF8, b"Upper", b"-a", b"a" * 41])
def test_a_file_name_that_nobody_could_type_is_refused_and_printed_escaped(
    tmp_path: Path, name: bytes
) -> None:
    with open(os.fsencode(tmp_path) + b"/" + name + b".toml", "w") as file:  # noqa: PTH123
        file.write('extends = "spark-dark"')
    loaded = load_all(tmp_path)
    assert tuple(loaded.themes) == SHIPPED
    assert [problem.key for problem in loaded.problems] == ["file name"]
    assert str(loaded.problems[0]).isprintable()
    assert str(loaded.problems[0]).encode()


PIECES = st.sampled_from([*'[]{}=.,"1\n', "title", "extends", "colours", "text", "#fff"])


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=60), st.lists(PIECES).map("".join).map(str.encode)))
def test_no_file_whatever_it_holds_raises(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("themes")
    write(folder, "any", content)
    loaded = load_all(folder)
    assert tuple(loaded.themes)[: len(SHIPPED)] == SHIPPED
    assert ("any" in loaded.themes) is not bool(loaded.problems)
    assert all(str(problem).isprintable() for problem in loaded.problems)


def test_the_stamp_changes_with_every_change_and_only_then(tmp_path: Path) -> None:
    stamps = [stamp(tmp_path)]
    file = write(tmp_path, "mine", "title = 1")
    stamps.append(stamp(tmp_path))
    file.write_text("title = 10")
    stamps.append(stamp(tmp_path))
    write(tmp_path, "new", "title = 20").rename(file)
    stamps.append(stamp(tmp_path))
    file.unlink()
    file.symlink_to("nowhere")
    stamps.append(stamp(tmp_path))
    assert len(set(stamps)) == len(stamps)
    (tmp_path / "notes.txt").write_text("x")
    assert stamp(tmp_path) == stamps[-1]


# Where they are found


def test_a_source_tree_has_them_beside_the_package() -> None:
    assert shipped_folder() == ROOT / "themes"


def test_a_wheel_has_them_inside_the_package_and_finds_them_there(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="it is among the dev requirements")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d"]
    subprocess.run([*build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        top = source.name.removesuffix(".tar.gz")
        assert {f"{top}/themes/{name}.toml" for name in SHIPPED} <= set(archive.getnames())
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if name.endswith(".toml")}
        inside -= {"codexspark_tui/providers/presets.toml"}
        assert inside == {f"codexspark_tui/_themes/{name}.toml" for name in SHIPPED}
        packed.extractall(site)
    (site / "themes").mkdir()  # of another package; never looked at
    code = "from codexspark_tui.themes import load_all\nfor t in load_all().themes.values(): "
    run = subprocess.run(
        [sys.executable, "-c", code + "print(t.file)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    folder = site / "codexspark_tui" / "_themes"
    assert run.stdout.splitlines() == [str(folder / f"{name}.toml") for name in SHIPPED]


# The page about them


def test_the_page_lists_every_role_with_what_it_is_for() -> None:
    page = (ROOT / "docs/themes.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page, re.MULTILINE))
    assert rows == {
        role: use + (f"; left out: as `{FALLBACKS[role]}`" if role in FALLBACKS else "")
        for role, use in ROLES.items()
    }
    assert [name for name in SHIPPED if f"`{name}`" not in page] == []


def test_the_example_on_the_page_is_a_theme(tmp_path: Path) -> None:
    page = (ROOT / "docs/themes.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    write(tmp_path, "example", example)
    loaded = load_all(tmp_path)
    assert reasons(loaded) == []
    assert check_contrast(loaded.themes["example"]) == ()


def test_every_theme_can_be_drawn(tmp_path: Path) -> None:
    folder = config_dir() / "themes"
    folder.mkdir(parents=True)
    write(folder, "mine", 'extends = "spark-dark"\ntitle = "<b> & co"')
    draw = [sys.executable, str(ROOT / "docs/theme_sample.py"), str(tmp_path)]
    subprocess.run(draw, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert {path.stem for path in tmp_path.iterdir()} == {*SHIPPED, "mine"}
    for path in tmp_path.iterdir():
        drawing = ElementTree.fromstring(path.read_text())
        fills = {element.get("fill") for element in drawing.iter()} - {None}
        assert fills <= set(load_all().themes[path.stem].colours.values())
        assert path.stat().st_size < 100_000
    assert "&lt;b&gt; &amp; co" in (tmp_path / "mine.svg").read_text()
