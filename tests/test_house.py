"""The rules of the house: sizes, what an import loads, who writes to the disk."""

from __future__ import annotations

import ast
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import codexspark_tui

PACKAGE = Path(codexspark_tui.__file__).parent
FILES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in FILES.items()}
Function = ast.FunctionDef | ast.AsyncFunctionDef

MOST_LINES = 400
MOST_METHODS = 25
MOST_FUNCTION_LINES = 50
MOST_PARAMETERS = 6

LARGER = {
    "patch/reader_unified.py:UnifiedFile": "one state machine; its states are its methods",
}
"""What may be larger than the limit ("file.py" or "file.py:name"), and why."""

WRITERS = {
    "workspace/writer.py": "the one writer of the user's files",
    "index/store.py": "the index, in the cache folder",
    "workspace/lock.py": "makes and writes the lock file beside the ledger",
    "workspace/fork.py": "copies of the tree, in the cache folder",
    "workspace/upkeep.py": "the rights of the ledger's own files",
    "actions/bench_history.py": "the measurements' temporary folder",
    "actions/bench_index.py": "the measurements' temporary folder",
    "actions/blobs.py": "a temporary folder for a merge",
    "actions/committing.py": "a temporary folder for a staging index",
    "session/transcript.py": "the transcript, in the state folder",
    "actions/bench_guards.py": "a temporary folder for commands that are measured",
    "actions/kept_outputs.py": "takes old outputs of commands away, in the state folder",
    "allowed.py": "the list of allowed commands, in the state folder",
    "sandbox/run.py": "a command's whole output, where the caller says",
    "sandbox/placeholders.py": "empty folders under protected names, while a command runs",
    "sandbox/inner.py": "identities and devices of the namespace it makes for itself",
    "trust.py": "the list of trusted repositories, in the state folder",
    "providers/keys.py": "the file of keys, in the config folder, for the owner alone",
    "state_dir.py": "makes our own folders, for the owner alone",
    "git.py": "makes the repository of the demonstration",
    "workspace/database.py": "flushes the ledger's folder",
    "providers/probe.py": "what servers said, in the cache folder",
    "providers/scripted.py": "the file in which a script wants its requests recorded",
    "providers/recording.py": "the file in which the person wants the traffic recorded",
    "codemods/client.py": "a temporary folder for the worker process",
    "codemods/worker.py": "a pipe to the process that started it",
    "codemods/tidy.py": "copies in a temporary folder, on which ruff runs",
    "actions/demo.py": "the demonstration's temporary folder",
    "actions/bench.py": "the measurements' temporary folder",
    "gateway/bench.py": "the script of the server that is measured, in its temporary folder",
    "actions/settings.py": "the person's own settings file",
    "actions/checking.py": "the output of the test command",
    "actions/hooks.py": "what a hook says is wrong",
    "actions/editor.py": "the temporary file of the person's editor",
    "tui/notes.py": "the person's history and draft, in the state folder",
    "tui/export.py": "the file that the person names for the session",
    "tui/terminal.py": "the terminal",
    "web/launch.py": "a page for its owner that leads the browser in, in the state folder",
    "tui/bench_terminal.py": "the terminal and the socket of the app that is measured",
    "actions/rejects.py": "the file that the person names for what has no place",
    "actions/doctor.py": "looks whether the terminal can be opened",
    "cli/verify_commands.py": "the file that the person names for the findings",
    "cli/frame.py": "stdout and stderr at the end, or nowhere",
    "cli/output.py": "stdout and stderr",
    "cli/terminal.py": "the terminal",
}
"""Who may write, and what. Whoever is not here and opens a file for writing fails the test."""


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def _every_function() -> Iterator[tuple[str, Function]]:
    for name, tree in TREES.items():
        for function in _functions(tree):
            yield f"{name}:{function.name}", function


def _length(node: Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def _over(found: dict[str, int], limit: int) -> dict[str, int]:
    return {name: size for name, size in found.items() if size > limit and name not in LARGER}


# -- sizes ---------------------------------------------------------------------------------------


def test_files_are_short() -> None:
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in FILES.items()}
    assert _over(lines, MOST_LINES) == {}


def test_classes_have_few_methods() -> None:
    methods = {
        f"{name}:{node.name}": sum(isinstance(item, Function) for item in node.body)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    assert _over(methods, MOST_METHODS) == {}


def test_functions_are_short() -> None:
    lengths = {name: _length(function) for name, function in _every_function()}
    assert _over(lengths, MOST_FUNCTION_LINES) == {}
    assert statistics.median(lengths.values()) <= 14


def test_functions_have_few_parameters() -> None:
    """Not counted: `self`, commands of the command line, and what makes a value."""
    counts = {
        name: _parameters(function)
        for name, function in _every_function()
        if function.name != "__init__" and not _is_command(function)
    }
    assert _over(counts, MOST_PARAMETERS) == {}


def _parameters(function: Function) -> int:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in every)


def _is_command(function: Function) -> bool:
    """Typer makes options of its parameters: some are `Annotated`, or it is registered."""
    return any(
        isinstance(argument.annotation, ast.Subscript | ast.Name | ast.Attribute)
        and (
            "Annotated" in ast.dump(argument.annotation)
            or "options" in ast.dump(argument.annotation)
        )
        for argument in (*function.args.args, *function.args.kwonlyargs)
    )


def test_every_exception_to_the_limits_is_still_needed() -> None:
    assert len(LARGER) <= 5
    assert all(reason for reason in LARGER.values())
    assert {name.split(":")[0] for name in LARGER} <= set(FILES)


# -- what an import loads, and does ---------------------------------------------------------------


def _python(code: str, *arguments: str, home: Path | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "COVERAGE"))}
    environment["PYTHONPATH"] = str(PACKAGE.parent)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    if home is not None:
        environment["HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=home,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _loaded_by(module: str) -> set[str]:
    said = _python(f"import {module}, sys, json; print(json.dumps(sorted(sys.modules)))")
    return set(json.loads(said))


FACES = {"textual", "typer", "rich", "click"}
HEAVY = {"rope", "git", "ast_grep_py", "websockets", "httpx", "unidiff", "pydantic"}


def test_a_session_loads_no_face_and_no_heavy_library() -> None:
    assert not _loaded_by("codexspark_tui.session.session") & (FACES | HEAVY)


@pytest.mark.parametrize("module", ["actions.edit", "actions.oneshot", "config", "providers.model"])
def test_what_has_no_screen_loads_no_face(module: str) -> None:
    assert not _loaded_by(f"codexspark_tui.{module}") & (FACES | HEAVY)


def test_the_command_line_loads_no_heavy_library() -> None:
    assert not _loaded_by("codexspark_tui.cli.app") & (HEAVY | {"textual"})


def test_the_patch_room_loads_the_standard_library_only_and_nothing_that_does_io() -> None:
    loaded = _loaded_by("codexspark_tui.patch")
    ours = {name for name in loaded if name.split(".")[0] == "codexspark_tui"}
    assert {name.split(".")[1] for name in ours if "." in name} == {"patch"}
    bare = set(json.loads(_python("import sys, json; print(json.dumps(sorted(sys.modules)))")))
    others = {name.split(".")[0] for name in loaded - ours - bare}
    assert others <= set(sys.stdlib_module_names)
    assert not loaded & {"asyncio", "subprocess", "sqlite3", "socket"}


def test_importing_every_module_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    names = [
        ".".join(["codexspark_tui", *Path(name).with_suffix("").parts]).removesuffix(".__init__")
        for name in FILES
        if name != "__main__.py"
    ]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "import os\n"
        "print(os.getcwd())"
    )
    said = _python(code, *names, home=home)
    assert said == f"{home}\n"
    assert list(home.rglob("*")) == []


# -- who writes ----------------------------------------------------------------------------------

_OS_WRITES = {
    *("rename", "renames", "replace", "unlink", "remove", "removedirs", "rmdir", "mkdir"),
    *("makedirs", "link", "symlink", "truncate", "ftruncate", "write", "pwrite", "writev"),
    *("chmod", "fchmod", "chown", "fchown", "utime", "mkfifo", "mknod", "fsync", "fdopen"),
}
_PATH_WRITES = {
    *("write_text", "write_bytes", "touch", "mkdir", "unlink", "rmdir", "rename", "hardlink_to"),
    *("symlink_to", "chmod"),
}
_MODULES_THAT_WRITE = {"shutil", "tempfile"}
_ONLY_READS = {"disk_usage", "which", "get_terminal_size", "gettempdir"}
_WRITE_FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC"}


def _writes(tree: ast.AST) -> Iterator[int]:
    """The lines of calls that write to the disk, as far as the text tells."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_write(node):
            yield node.lineno


def _is_write(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="open"):
            return _opens_to_write(call, 1)
        case ast.Attribute(value=ast.Name(id="os"), attr="open"):
            return bool(
                _WRITE_FLAGS & {n.attr for n in ast.walk(call) if isinstance(n, ast.Attribute)}
            )
        case ast.Attribute(value=ast.Name(id="os"), attr="fdopen"):
            return _opens_to_write(call, 1)
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            return name in _OS_WRITES
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in _MODULES_THAT_WRITE:
            return name not in _ONLY_READS
        case ast.Attribute(attr="open"):
            return _opens_to_write(call, 0)
        case ast.Attribute(attr="replace"):
            return False  # of texts; a path is replaced by os.replace
        case ast.Attribute(attr=name):
            return name in _PATH_WRITES
        case _:
            return False


def _opens_to_write(call: ast.Call, position: int) -> bool:
    modes = [
        *call.args[position : position + 1],
        *(k.value for k in call.keywords if k.arg == "mode"),
    ]
    said = [m.value for m in modes if isinstance(m, ast.Constant) and isinstance(m.value, str)]
    return any(set(mode) & set("wax+") for mode in said)


def test_one_writer_and_no_other() -> None:
    found = {name: list(_writes(tree)) for name, tree in TREES.items()}
    others = {name: lines for name, lines in found.items() if lines and name not in WRITERS}
    assert others == {}
    assert [name for name in WRITERS if not found[name]] == []


@pytest.mark.parametrize(
    "code",
    [
        "open(p, 'w')",
        "open(p, mode='ab')",
        "p.open('x')",
        "p.write_text('x')",
        "os.open(p, os.O_CREAT | os.O_WRONLY)",
        "os.replace(a, b)",
        "shutil.rmtree(p)",
        "tempfile.mkdtemp()",
        "p.mkdir()",
        "os.fdopen(fd, 'wb')",
    ],
)
def test_the_rule_sees_a_write(code: str) -> None:
    assert list(_writes(ast.parse(code))) == [1]


@pytest.mark.parametrize(
    "code", ["open(p)", "p.open('rb')", "text.replace('a', 'b')", "os.open(p, os.O_RDONLY)"]
)
def test_the_rule_lets_readers_be(code: str) -> None:
    assert list(_writes(ast.parse(code))) == []


# -- what is never there ---------------------------------------------------------------------------


def _calls(is_it: Callable[[ast.Call], bool]) -> list[str]:
    return [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and is_it(node)
    ]


def test_nobody_prints() -> None:
    assert _calls(lambda call: isinstance(call.func, ast.Name) and call.func.id == "print") == []


def test_nobody_sleeps_on_a_thread_but_the_one_who_waits_for_the_lock() -> None:
    sleeps = _calls(lambda call: ast.unparse(call.func) in ("time.sleep", "sleep"))
    assert {name.split(":")[0] for name in sleeps} <= {"workspace/lock.py"}


def test_nothing_is_left_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")
    left = [
        f"{name}:{number}"
        for name, path in FILES.items()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(mark in line.replace("SXXXX", "") for mark in marks)
    ]
    assert left == []
