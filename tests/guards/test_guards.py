"""Each guard against things that it must find, and things that only look like them."""

from __future__ import annotations

import pytest

from codexspark_tui.patch import apply_resolved, to_line
from codexspark_tui.patch.model import ResolvedCreate, ResolvedDelete, ResolvedHunk
from codexspark_tui.session.guards import Rules, Subject, check

OFF = {"secrets": False, "conflict_markers": False, "control_characters": False}
GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fL3kR6"
AWS = "AKIA" + "IZ7Q2MNT4WKXH3RV"


def subject_of(path: str, before: str, after: str, files: dict[str, str] | None = None) -> Subject:
    """The whole change of the file as one hunk."""
    old = before.splitlines(keepends=True)
    new = after.splitlines(keepends=True)
    lines = tuple(to_line("-", x) for x in old) + tuple(to_line("+", x) for x in new)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    lines = tuple(to_line("-", x) for x in old[start : len(old) - end])
    lines += tuple(to_line("+", x) for x in new[start : len(new) - end])
    hunk = ResolvedHunk(path, start + 1, lines)
    assert apply_resolved(before, [hunk]) == after
    there = files or {}
    holding = [path for path, text in there.items() if text]  # so that each is looked at
    return Subject(hunk, before, after, read=there.get, holding=lambda _: holding)


def added(text: str, path: str = "a.py") -> Subject:
    return subject_of(path, "start\n", f"start\n{text}\n")


SECRETS = [
    r'"private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n"',
    f'token = "{GITHUB}"', f"aws_access_key_id = {AWS}", "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----", 'password = "h4kQ9zLw2vBn"',
    "postgres://admin:k8Qz2LwV9b@db.internal/main", '"client_secret": "9f8Kd02LmxPq71Zt"',
    "sk-proj-" + "a1B2c3D4e5F6g7H8i9J0k1L2", "xoxb-" + "123456789012-abcdefGHIJKL",
    "AIza" + "SyD3x9Kq7Lm2Np5Rt8Vw1Yb4Cd6Fg9Hj0QZ", "glpat-" + "x9Kq7Lm2Np5Rt8Vw1Yb4",
]  # fmt: skip
NO_SECRETS = [
    'password = os.environ["PASSWORD"]', 'token = "your-token-here-123"', "AKIAEXAMPLE",
    "AKIAIOSFODNN7EXAMPLE", 'password = "correct horse battery"', "postgres://user:password@host/x",
    'api_key = "${API_KEY_123456}"', '"password": "********"', "token_count = 'abc123def456'",
    "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "-----BEGIN PUBLIC KEY-----", 'password = "xxxxxxxx12"', 'TOKEN = "[0-9A-Z_][0-9a-z.]+"',
    'START = b"-----BEGIN OPENSSH PRIVATE KEY-----"', "https://me%40x.org:the%20secret1@host.org/a",
    r'key="-----BEGIN PRIVATE KEY-----\nXXXXXXXX\n-----END PRIVATE KEY-----"',
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_key_in_an_added_line_is_found(text: str) -> None:
    assert [(f.rule, f.lines) for f in check(added(text), Rules())] == [("secrets", (0,))]


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_only_looks_like_a_key_is_none(text: str) -> None:
    assert check(added(text), Rules()) == ()


def test_key_behind_a_long_name_is_found_as_soon_as_behind_a_short_one() -> None:
    text = "ab_" * 100_000 + 'password = "h4kQ9zLw2vBn"'  # the square of that takes hours
    assert [f.rule for f in check(added(text), Rules())] == ["secrets"]


def test_key_that_was_there_before_is_not_new() -> None:
    before = f'a = "{GITHUB}"\n'
    assert check(subject_of("a.py", before, f'b = "{GITHUB}"\n'), Rules()) == ()


MARKERS = [
    "<<<<<<< HEAD", ">>>>>>> main", "||||||| base", "<<<<<<<", ">>>>>>>", "<<<<<<< ours: a b",
    ">>>>>>> 1234567 (message)", "||||||| merged common ancestors", "<<<<<<< Updated upstream",
    "<<<<<<< HEAD\n=======\n>>>>>>> x",
]  # fmt: skip
NO_MARKERS = [
    "=======", "<<<<<<", "<<<<<<<<", " <<<<<<< HEAD", "print('<<<<<<< HEAD')", ">>>>>>>x", "||||||",
    "a <<<<<<< b", "Title\n=======", "# >>>>>>> x", ">>> doctest",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKERS)
def test_conflict_marker_is_found(text: str) -> None:
    assert [f.rule for f in check(added(text), Rules())] == ["conflict_markers"]


@pytest.mark.parametrize("text", NO_MARKERS)
def test_what_only_looks_like_a_marker_is_none(text: str) -> None:
    assert check(added(text), Rules()) == ()


@pytest.mark.parametrize("char", "\x00\x07\x08\x1b\x7f\x85\u200b\u202e\u2066\u2069\u200f\u2060")
def test_hidden_character_is_found(char: str) -> None:
    change = ResolvedCreate("a.py", (to_line("+", f"a{char}b\n"),))
    found = check(Subject(change, None, ""), Rules())
    assert [f.rule for f in found] == ["control_characters"]
    assert f"U+{ord(char):04X}" in found[0].why


@pytest.mark.parametrize(
    "text",
    ["a\tb", "\x0c", "é", "日本", "👩\u200d💻", "\u00a0", "→", "ﬁ", "שלום", "a b", "\u0301e"],
)
def test_visible_character_is_none(text: str) -> None:
    change = ResolvedCreate("a.py", (to_line("+", f"{text}\n"),))
    assert check(Subject(change, None, ""), Rules()) == ()


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ("a\u200bb\nc\n", "c\u200bd", []),  # the file had it elsewhere
        ("x\x1b[1m\nc\n", "\x1b[0m", []),
        ("a\u202eb\nc\n", "c\u202ed", ["control_characters"]),  # it turns another line
        ("a\nc\u2066d\n", "c\u2066e", []),  # the line had it
        ("a\u200bb\nc\n", "c\u2060d", ["control_characters"]),
    ],
)
def test_a_hidden_character_that_was_there_is_no_new_one(
    before: str, after: str, rules: list[str]
) -> None:
    old = before.split("\n")[1]
    lines = (to_line("-", f"{old}\n"), to_line("+", f"{after}\n"))
    found = check(Subject(ResolvedHunk("a.py", 2, lines), before, ""), Rules())
    assert [f.rule for f in found] == rules


TESTS = [
    "tests/a.py", "test_a.py", "pkg/a_test.py", "a_test.go", "a.test.ts", "a.spec.jsx",
    "src/__tests__/a.js", "src/ATest.java", "src/ATests.cs", "conftest.py", "spec/a_spec.rb",
    "src/text/tests.rs",
]  # fmt: skip
NO_TEST_CHANGES = Rules(no_tests_changed=True)
NO_TESTS = [
    "attest.py", "latest.go", "contest.py", "testing.md", "src/testimony.py", "a.specs.md",
    "spec.py",
    "src/Contest.java", "greatest/a.py", "protest_a.py", "inspect/a.py",
]  # fmt: skip


@pytest.mark.parametrize("path", TESTS)
def test_changed_test_is_found(path: str) -> None:
    rules = Rules(no_tests_changed=True)
    assert [f.rule for f in check(subject_of(path, "a\n", "b\n"), rules)] == ["no_tests_changed"]


@pytest.mark.parametrize("path", NO_TESTS)
def test_what_only_sounds_like_a_test_may_change(path: str) -> None:
    assert check(subject_of(path, "a\n", "b\n"), Rules(no_tests_changed=True)) == ()


def test_new_test_file_is_allowed() -> None:
    change = ResolvedCreate("tests/test_b.py", (to_line("+", "b\n"),))
    assert check(Subject(change, None, "b\n"), Rules(no_tests_changed=True)) == ()


INLINE = """\
pub fn one() -> u8 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helper() -> u8 {
        1
    }

    #[test]
    fn is_one() {
        assert_eq!(one(), helper());
    }
}

#[tokio::test(
    flavor = "current_thread",
)]
async fn alone() {
    assert_eq!(one(), 1);
}
"""
NEW_TEST = "    #[test]\n    fn is_new() {\n        assert_eq!(one(), 1);\n    }\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(one(), helper())", "(one(), 1)"), ("        assert_eq!(one(), helper());\n", ""),
        ("        assert_eq!(one(), h", "        return;\n        assert_eq!(one(), h"),
        ("    #[test]\n", ""), ("    #[test]\n", "    #[test]\n    #[ignore]\n"),
        ("    #[test]\n", "    #[ignore]\n    #[test]\n"), ("    use super::*;\n", ""),
        ("u8 {\n        1", "u8 {\n        2"), ("#[cfg(test)]\n", ""), ("mod tests", "mod other"),
        ("#[cfg(test)]\n", "#[cfg(never)]\n"), ("(one(), 1)", "(one(), 2)"),
        ("current_thread", "multi_thread"), (INLINE[INLINE.index("#[cfg"):], ""),
        ("fn is_one", "fn was_one"),
    ],
)  # fmt: skip
def test_changed_test_beside_the_code_is_found(old: str, new: str) -> None:
    assert old in INLINE
    found = check(subject_of("lib.rs", INLINE, INLINE.replace(old, new)), NO_TEST_CHANGES)
    assert [f.rule for f in found] == ["no_tests_changed"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (INLINE, INLINE.replace("{\n    1", "{\n    2")), (INLINE, INLINE + "\nfn two() {}\n"),
        (INLINE, INLINE.replace("    #[test]\n", f"{NEW_TEST}\n    #[test]\n")),
        (INLINE, INLINE.replace("    }\n}\n", f"    }}\n\n{NEW_TEST}}}\n")),
        (INLINE, INLINE.replace("    use super::*;\n", "    use super::*;\n    use std::io;\n")),
        (INLINE, INLINE.replace("pub fn one", "#[inline]\npub fn zero() {}\n\npub fn one")),
        (INLINE[: INLINE.index("#[cfg")], INLINE), (INLINE, f"use std::io;\n\n{INLINE}"),
        ("#[cfg(not(test))]\nfn a() {\n}\n", "#[cfg(not(test))]\nfn b() {\n}\n"),
        ('#[cfg(feature = "test")]\nmod a {\n}\n', '#[cfg(feature = "test")]\nmod b {\n}\n'),
        ("fn a() {} // #[test]\n", "fn b() {} // #[test]\n"), ("mod tests {}\n", "mod t {}\n"),
    ],
)  # fmt: skip
def test_code_beside_its_tests_and_new_tests_are_none(before: str, after: str) -> None:
    assert check(subject_of("lib.rs", before, after), NO_TEST_CHANGES) == ()


def test_file_that_goes_with_its_tests_is_found() -> None:
    lines = tuple(to_line("-", line) for line in INLINE.splitlines(keepends=True))
    found = check(Subject(ResolvedDelete("lib.rs", lines), INLINE, None), NO_TEST_CHANGES)
    assert [f.rule for f in found] == ["no_tests_changed"]


def test_deletions_and_lines_are_counted() -> None:
    gone = Subject(ResolvedDelete("a", (to_line("-", "a\n"),)), "a\n", None)
    emptied = subject_of("a", "a\n", "")
    rules = Rules(no_delete=True, max_lines=3)
    assert [f.rule for f in check(gone, rules)] == ["no_delete"]
    assert [f.rule for f in check(emptied, rules)] == ["no_delete"]
    assert check(subject_of("a", "a\nb\n", "b\n"), rules) == ()
    assert check(subject_of("a", "a\nb\n", "c\nb\nd\n"), rules)[0].rule == "max_lines"


BEFORE = """\
import os

def parse(x):
    return x

class Reader:
    @property
    def name(self):
        return 1

    def read(self):
        return 2
"""


@pytest.mark.parametrize(
    ("only", "old", "new", "path"),
    [
        ("a.py::parse", "return 1", "return 3", "a.py"), ("b.py", "x", "y", "a.py"),
        ("a.py::Reader.name", "return 2", "return 4", "a.py"), ("src", "x", "y", "srcs/a.py"),
        ("a.py::parse", "import os", "import re", "a.py"), ("a.py::none", "return x", "y", "a.py"),
        ("a.py::parse", "    return x\n", "    return x\n\ndef other(): 0\n", "a.py"),
        ("src/*.py", "x", "y", "lib/a.py"), ("a.py::read", "class Reader:", "class R:", "a.py"),
        ("a.py::Reader", "def parse(x):", "def parse(y):", "a.py"),
    ],
)  # fmt: skip
def test_line_outside_of_the_place_is_found(only: str, old: str, new: str, path: str) -> None:
    subject = subject_of(path, BEFORE, BEFORE.replace(old, new))
    assert [f.rule for f in check(subject, Rules(only=(only,)))] == ["only"]


@pytest.mark.parametrize(
    ("only", "old", "new", "path"),
    [
        ("a.py::parse", "return x", "return y", "a.py"), ("a.py", "x", "y", "a.py"),
        ("a.py::Reader", "return 2", "return 4", "a.py"), ("src", "x", "y", "src/a.py"),
        ("a.py::Reader.name", "return 1", "return 5", "a.py"), (".", "x", "y", "a.py"),
        ("a.py::parse", "    return x\n", "    y = x\n    return y\n", "a.py"),
        ("src/*.py", "x", "y", "src/a.py"), ("a.py::name", "    @property\n", "", "a.py"),
        ("a.py::Reader", "return 1\n", "return 1\n\n    def new(self):\n        return 3\n",
         "a.py"),
        ("src/", "x", "y", "src/deep/a.py"),
    ],
)  # fmt: skip
def test_line_inside_of_the_place_is_allowed(only: str, old: str, new: str, path: str) -> None:
    subject = subject_of(path, BEFORE, BEFORE.replace(old, new))
    assert check(subject, Rules(only=(only,))) == ()


JS = "function a() {\n  return 1;\n}\n\nfunction b() {\n  return '}';\n}\n"


def test_symbol_of_another_language_is_found_by_its_braces() -> None:
    subject = subject_of("a.js", JS, JS.replace("'}'", "'{'"))
    assert check(subject, Rules(only=("a.js::b",))) == ()
    assert [f.rule for f in check(subject, Rules(only=("a.js::a",)))] == ["only"]


NEW_IMPORTS = [
    ("a.py", "import requests"), ("a.py", "from numpy import array"), ("a.py", "import os, attr"),
    ("a.js", "import x from 'lodash'"), ("a.ts", "const x = require('left-pad')"),
    ("a.ts", "import '@scope/pkg/deep'"), ("a.go", 'import "github.com/x/y"'),
    ("a.rs", "use serde::Serialize;"), ("A.java", "import com.google.common.Lists;"),
    ("A.cs", "using Newtonsoft.Json;"), ("a.py", "    import flask"),
    ("a.rs", "pub(crate) use serde::Serialize;"), ("a.rs", "use {std::io, serde::{A, B}};"),
    ("a.rs", "extern crate rand as core;"), ("A.cs", "using A = Newtonsoft.Json.Linq;"),
    ("A.cs", "using static Moq.It;"), ("a.js", "export * from 'lodash';"),
    ("a.js", "const a = await import('chalk');"), ("a.js", "} from 'lodash/fp';"),
    ("a.ts", "import a from 'npm:chalk';"), ("a.go", 'import (\n\tx "github.com/x/y"\n)'),
    ("a.go", 'import "example.com/other"'), ("a.py", "if a:\n    from flask import b"),
    ("a.py", 'import importlib\na = importlib.import_module("requests")'),
    ("a.py", "import importlib as il\na = il.import_module(\n    'requests.api',\n)"),
    ("a.py", 'from importlib import import_module as f\na = f("requests")'),
    ("a.py", 'a = __import__("requests")'), ("a.py", "a = __import__(name='requests.api')"),
    ("a.py", 'import builtins\na = builtins.__import__("requests")'),
    ("a.js", "const a = `b ${require('lodash')} c`;"), ("a.js", "const a = [...require('b')];"),
    ("a.js", "const a = `b`, c = require('lodash');"), ("a.js", "a = module.require('lodash');"),
    ("a.js", "const a = `\n${import('lodash')}\n`;"), ("a.js", "const a = require(`lodash`);"),
    ("a.js", "const a = `${`b ${{}}`}`;\nimport c from 'lodash';"),
    ("a.js", "const a = /[`]/;\nimport b from 'lodash';\nconst c = '`';"),
    ("a.js", "f(); // it`s\nimport b from 'lodash'; // it`s"),
    ("a.js", "const f = () => /`/;\nimport b from 'lodash';\nreturn /`/;"),
    ("a.jsx", "const a = <p>it`s</p>;\nimport b from 'lodash';"),
    ("a.js", "const a = require('react'), b = require('lodash');"),
    ("a.js", "import a from 'react'; import b from 'lodash';"),
    ("a.jsx", "a = <p>src/*.js isn't</p>, b = require('lodash');"),
    ("a.js", "a = b / c; import('lodash'); d = e / f;"),
]  # fmt: skip
NO_NEW_IMPORTS = [
    ("a.py", "import os.path"), ("a.py", "from . import x"), ("a.py", "import local"),
    ("a.py", "from known.deep import y"), ("a.js", "import x from './lodash'"),
    ("a.js", "import fs from 'node:fs'"), ("a.ts", "import { x } from 'react/deep'"),
    ("a.go", 'import "net/http"'), ("a.go", 'import "example.com/known/sub"'),
    ("a.rs", "use std::io;"), ("a.rs", "use crate::x;"), ("A.java", "import java.util.List;"),
    ("A.cs", "using System.IO;"), ("a.py", "important = 1"), ("a.py", "import yaml"),
    ("a.py", 'a = """\nimport the_thing first\n"""'), ("a.py", "# import flask"),
    ("a.rs", "use self_named::f;"), ("a.rs", "use Kind::{A, B};"), ("a.rs", "use inner::f;"),
    ("a.rs", "use std::fmt;\nuse fmt::Display;"), ("a.rs", "// use serde::Serialize;"),
    ("a.js", "const a = `taken from 'lodash'`;"), ("a.js", "// a copy from 'lodash'"),
    ("a.js", "export const a = b === 'win32';"), ("a.js", " * @see import('lodash')"),
    ("a.js", "import a from 'own-name/sub';"), ("a.ts", "import a from '@app/a';"),
    ("a.ts", "import a from 'lib/a';"), ("a.ts", "import type { A } from 'estree';"),
    ("a.go", 'import "example.com/own/sub"'), ("a.go", 'var a = f(\n\t"example.com"\n)'),
    ("A.cs", "using Tools.Json;"), ("A.cs", "using Widgets;"), ("A.cs", "using (var a = b) {}"),
    ("A.cs", "using Fluent.Assertions;"), ("a.py", "import elsewhere"),
    ("a.py", "import importlib\na = importlib.import_module(name)"),
    ("a.py", 'import importlib\na = importlib.import_module(".b", __name__)'),
    ("a.py", 'import importlib\na = importlib.import_module("known.b")'),
    ("a.py", 'a = b.import_module("requests")'), ("a.py", "a = '__import__(\"requests\")'"),
    ("a.py", 'def import_module(a): ...\nimport_module("requests")'),
    ("a.js", 'const a=`require("lodash")`;'), ("a.js", 'a = `\nimport x from "lodash";\n`;'),
    ("a.ts", 'const a: string = `call require("left-pad") first`;'),
    ("a.js", 'const a = obj.require("lodash");'), ("a.js", 'a\n  .require("lodash");'),
    ("a.js", 'const a = `${b} require("lodash") ${`import("c")`} import("d")`;'),
    ("a.js", 'const a = `\\` require("lodash")`;'), ("a.js", 'this.#require("lodash");'),
    ("a.js", 'const a = `\n${f({b: "}"})}\nimport x from "lodash";\n`;'),
    ("a.js", 'a = /`/.test(b) ? `import("lodash")` : `\nrequire("c")`;'),
    ("a.js", "const a = <p>from lodash</p>;"), ("a.js", "const a = /require\\('b'\\)/;"),
    ("a.js", "const a = 'require(\"lodash\")';"), ("a.js", "f(); // require('lodash')"),
    ("a.js", "const a = /import('b')/;"), ("a.js", "/*\nimport a from 'lodash';\n*/"),
    ("a.js", "/**\n * `import a from 'lodash'`\n */"),
]  # fmt: skip
FILES = {
    "local.py": "", "requirements.txt": "Known>=1\nPyYAML\n",
    "package.json": '{"name": "own-name", "dependencies": {"react": "1", "@types/estree": "1"}}',
    "go.mod": "module example.com/own\n\nrequire example.com/known v1.0.0\n",
    "Cargo.toml": '[package]\nname = "self-named"\n', "src/inner/mod.rs": "",
    "tsconfig.json": '{ // ours\n"compilerOptions": {"baseUrl": ".", "paths": {"@app/*": []},}}',
    "lib/a.ts": "", "App/App.csproj": '<PackageReference Include="Fluent.Assertions" />\n',
    "App/Other.cs": "namespace Tools.Json\n", "App/Third.cs": "using Widgets.Small;\n",
    "b/c.py": "import elsewhere\n", "notes.md": "import flask, serde, lodash, Newtonsoft.Json\n",
}  # fmt: skip


@pytest.mark.parametrize(("path", "line"), NEW_IMPORTS)
def test_new_import_is_found(path: str, line: str) -> None:
    subject = subject_of(path, "\n", f"\n{line}\n", FILES)
    assert {f.rule for f in check(subject, Rules(no_new_deps=True))} == {"no_new_deps"}


@pytest.mark.parametrize(("path", "line"), NO_NEW_IMPORTS)
def test_import_of_what_is_there_is_allowed(path: str, line: str) -> None:
    subject = subject_of(path, "\n", f"\n{line}\n", FILES)
    assert check(subject, Rules(no_new_deps=True)) == ()


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("requirements.txt", "a==1\n", "a==1\nb>=2\n"),
        ("pyproject.toml", '[project]\ndependencies=["a"]\n',
         '[project]\ndependencies=["a","b"]\n'),
        ("package.json", '{"dependencies":{}}\n', '{"devDependencies":{"b":"1"}}\n'),
        ("go.mod", "module m\n", "module m\nrequire x.org/b v1.2.3\n"),
        ("Cargo.toml", "[dependencies]\na='1'\n", "[dependencies]\na='1'\nb='1'\n"),
        ("pom.xml", "<p/>\n",
         "<dependency><groupId>g</groupId><artifactId>b</artifactId></dependency>\n"),
        ("build.gradle", "x\n", "implementation 'g:b:1'\n"),
        ("a.csproj", "<p/>\n", '<PackageReference Include="B" Version="1" />\n'),
        ("sub/package.json", "{}\n", '{"peerDependencies":{"b":"1"}}\n'),
        ("package.json", "{}\n", "{\n"),
        ("requirements.txt", "a\n", "a\ngit+https://github.com/x/y\n"),
        ("requirements.txt", "a\n", "a\ngit+https://github.com/x/y@v1#egg=evil\n"),
        ("requirements.txt", "a\n", "a\n-e git+https://x.org/evil.git#egg=evil\n"),
        ("requirements.txt", "a\n", "a\nhttps://x.org/evil-1.0-py3-none-any.whl\n"),
        ("requirements.txt", "a\n", "a\n--extra-index-url https://x.org/simple\n"),
        ("requirements.txt", "a\n", "a\nb \\\n    --hash=sha256:12\n"),
        ("requirements.txt", "requests\n", "requests @ git+https://github.com/evil/requests\n"),
        ("requirements.txt", "a @ git+https://x.org/a/a\n", "a @ git+https://x.org/b/a\n"),
        ("requirements/dev.txt", "a\n", "a\nb\n"), ("requirements.in", "a\n", "a\nb\n"),
        ("go.mod", "require github.com/pkg/errors v1.0.0\n",
         "require github.com/pkg/errors v1.0.0\n"
         "replace github.com/pkg/errors => github.com/evil/errors v1.0.0\n"),
        ("go.mod", "require x.org/a v1.0.0\n",
         "require x.org/a v1.0.0\nreplace (\n\tx.org/a v1.0.0 => x.org/b v1.0.0 // c\n)\n"),
        ("go.mod", "require x.org/a v1.0.0\n", "require x.org/a v1.0.0\nreplace x.org/a => ../a\n"),
        ("go.mod", "module m\n", "module m\ntool golang.org/x/tools/cmd/stringer\n"),
        ("go.mod", "module m\n", "module m\ntool (\n\tgolang.org/x/tools/cmd/stringer\n)\n"),
        ("Cargo.toml", "[dependencies]\nserde='1'\n",
         "[dependencies]\nserde={package='evil', version='1'}\n"),
        ("Cargo.toml", "[dependencies]\na='1'\n", "[dependencies]\na={git='https://x.org/a'}\n"),
        ("Cargo.toml", "[dependencies]\na='1'\n", "[dependencies]\na={path='../a'}\n"),
        ("Cargo.toml", "[dependencies]\na='1'\n", "[dependencies]\na={registry='b'}\n"),
        ("Cargo.toml", "[dependencies]\na='1'\n",
         "[dependencies]\na='1'\n[patch.crates-io]\na={git='https://x.org/a'}\n"),
        ("package.json", '{"dependencies":{"react":"1"}}\n',
         '{"dependencies":{"react":"npm:preact@10"}}\n'),
        ("package.json", '{"dependencies":{"a":"1"}}\n', '{"dependencies":{"a":"b/a#v1"}}\n'),
        ("package.json", '{"dependencies":{"a":"1"}}\n',
         '{"dependencies":{"a":"git+https://x.org/a.git"}}\n'),
        ("package.json", '{"dependencies":{"a":"1"}}\n',
         '{"dependencies":{"a":"https://x.org/a-1.0.tgz"}}\n'),
        ("package.json", '{"overrides":{}}\n', '{"overrides":{"b":{"a":"npm:c@1"}}}\n'),
        ("pyproject.toml", "[tool.uv]\n", '[tool.uv]\ndev-dependencies=["black"]\n'),
        ("pyproject.toml", '[project]\ndependencies=["a"]\n',
         '[project]\ndependencies=["a"]\n[tool.uv.sources]\na={git="https://x.org/a"}\n'),
        ("pyproject.toml", "[tool.poetry.dependencies]\na='1'\n",
         "[tool.poetry.dependencies]\na={git='https://x.org/a'}\n"),
        ("pyproject.toml", "[tool.pdm]\n", "[tool.pdm.dev-dependencies]\nb=['black']\n"),
        ("pyproject.toml", "[tool.hatch]\n", "[tool.hatch.envs.b]\ndependencies=['black']\n"),
        ("pyproject.toml", '[project]\ndependencies=["a"]\n',
         '[project]\ndependencies=["a @ https://x.org/a-1.0.tar.gz"]\n'),
        ("gradle/libs.versions.toml", "[libraries]\n", "[libraries]\nb='g:b:1.0'\n"),
        ("gradle/libs.versions.toml", "[libraries]\n",
         "[libraries]\nb={module='g:b', version.ref='c'}\n"),
        ("gradle/libs.versions.toml", "[libraries]\n", "[libraries]\nb={group='g', name='b'}\n"),
        ("gradle/libs.versions.toml", "[plugins]\n", "[plugins]\nb={id='g.b', version='1'}\n"),
        ("gradle/libs.versions.toml", "[plugins]\n", "[plugins]\nb='g.b:1'\n"),
        ("a/packages.config", "<packages/>\n", '<package id="B" version="1.0" />\n'),
        ("environment.yml", "dependencies:\n  - a\n", "dependencies:\n  - a\n  - b=1.2\n"),
        ("environment.yml", "dependencies:\n- pip:\n  - a\n", "dependencies:\n- pip:\n  - b\n"),
        ("environment.yml", "dependencies: [a]\n", "dependencies: [a, 'b>=1']\n"),
        ("environment.yml", "dependencies:\n  - a\n", "dependencies:\n  - evil::a\n"),
        ("environment.yml", "channels: []\n", "channels:\n  - evil\n"),
        ("environment.yml", "dependencies:\n- pip:\n  - a\n",
         "dependencies:\n- pip:\n  - git+https://x.org/b\n"),
    ],
)  # fmt: skip
def test_new_name_in_a_manifest_is_found(path: str, before: str, after: str) -> None:
    found = check(subject_of(path, before, after), Rules(no_new_deps=True))
    assert [f.rule for f in found] == ["no_new_deps"]


def test_new_origin_is_said_with_its_line() -> None:
    after = "a\nb @ git+https://x.org/b@v2\n"
    (found,) = check(subject_of("requirements.txt", "a\nb\n", after), Rules(no_new_deps=True))
    assert found.why == "b from git+https://x.org/b is declared and was not there"
    assert found.lines == (1,)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("requirements.txt", "a==1\n", "a==2  # b\n"), ("requirements.txt", "a\nb\n", "b\na\n"),
        ("package.json", '{"dependencies":{"a":"1"}}\n', '{"devDependencies":{"a":"2"}}\n'),
        ("package.json", "{}\n", '{"scripts":{"b":"x"}}\n'), ("go.mod", "module m\n", "module n\n"),
        ("Cargo.toml", "[package]\nname='a'\n", "[package]\nname='b'\n"),
        ("pyproject.toml", "[tool.ruff]\n", "[tool.ruff]\nselect=['b']\n"),
        ("requirements.txt", "a\n", "# b\na\n"),
        ("pom.xml", "<p/>\n", "<artifactId>b</artifactId>\n"),
        ("notes.txt", "a\n", "b==1\n"),
        ("requirements.txt", "a\n", "a  # see https://x.org/b\n"),
        ("requirements.txt", "a\n", "a \\\n    --hash=sha256:12\n"),
        ("requirements.txt", "a @ git+https://x.org/a@v1\n", "a @ git+https://x.org/a.git@v2\n"),
        ("requirements.txt", "https://x.org/a-1.0.tar.gz\n", "https://x.org/a-1.1.tar.gz\n"),
        ("requirements.txt", "a @ git+https://x.org/a\n", "a\n"),
        ("requirements.txt", "a @ https://x.org/a ; b<'3'\n", "a @ https://x.org/a ; b<'4'\n"),
        ("requirements.txt", "a\n", "-i https://pypi.org/simple\na\n"),
        ("package.json", "{}\n", '{"pnpm":{"patchedDependencies":{"a@1":"b/a.patch"}}}\n'),
        ("requirements.txt", "-r b.txt\n", "-r b.txt\n-e .\n--no-binary a\n"),
        ("setup.cfg", "[metadata]\nproject_urls =\n    Docs = https://x.org/a\n",
         "[metadata]\nproject_urls =\n    Docs = https://x.org/b\n"),
        ("go.mod", "require x.org/a v1.0.0\n", "require x.org/a v1.1.0 // replace => b\n"),
        ("go.mod", "replace x.org/a => x.org/b v1.0.0\n",
         "replace (\n\tx.org/a => x.org/b v1.1.0\n)\n"),
        ("go.mod", "require x.org/a v1.0.0\n", "require x.org/a v1.0.0\ntool x.org/a/cmd/b\n"),
        ("go.mod", "module x.org/m\n", "module x.org/m\ntool x.org/m/cmd/b\n"),
        ("go.mod", "module m\n", "module m\nexclude (\n\tx.org/a v1.0.0\n)\n"),
        ("Cargo.toml", "[dependencies]\na={git='https://x.org/a', rev='1'}\n",
         "[dependencies]\na={git='https://x.org/a', rev='2'}\n"),
        ("Cargo.toml", "[dependencies]\na='1'\n",
         "[dependencies]\na={version='2', package='a', features=['b']}\n"),
        ("package.json", '{"dependencies":{"a":"npm:b@1"}}\n',
         '{"dependencies":{"a":"npm:b@2"}}\n'),
        ("package.json", '{"dependencies":{"a":"1"}}\n',
         '{"dependencies":{"a":"workspace:*"},"overrides":{"b":"2"}}\n'),
        ("package.json", '{"dependencies":{"a":"b/a#v1"}}\n', '{"dependencies":{"a":"b/a#v2"}}\n'),
        ("pyproject.toml", "[tool.poetry.dependencies]\na='1'\n",
         "[tool.poetry.dependencies]\na={version='2', extras=['b']}\n"),
        ("gradle/libs.versions.toml", "[libraries]\nb='g:b:1'\n",
         "[versions]\nc='1'\n[libraries]\nd={module='g:b', version.ref='c'}\n"),
        ("packages.config", '<package id="B" version="1" />\n',
         '<package id="B" version="2" />\n'),
        ("environment.yml", "dependencies:\n  - a=1\n", "dependencies:\n  - a=2  # - b\n"),
        ("environment.yml", "name: a\n", "name: a\nvariables:\n  - b\n"),
    ],
)  # fmt: skip
def test_other_change_of_a_manifest_is_allowed(path: str, before: str, after: str) -> None:
    assert check(subject_of(path, before, after), Rules(no_new_deps=True)) == ()


LONG = "a" * 250
TWO = "if X:\n    def g(a): ...\nelse:\n    def g(a, c): ...\n"
OVERLOADED = "public class A {\n  public int f(int a) { return 1; }\n}\n"
MORE = OVERLOADED.replace("}\n}", "}\n  public int f(String a) { return 2; }\n}")
API = [
    ("a.py", TWO, TWO.replace("g(a):", "g(b):")),
    ("a.py", TWO.replace(", c", ""), TWO),
    ("A.java", MORE, MORE.replace("int a", "long a")),
    ("A.java", MORE, OVERLOADED),
    ("a.py", "def f(a): 0\n", "def f(a, b): 0\n"), ("a.py", "def f(): 0\n", "def g(): 0\n"),
    ("a.py", "class A:\n  def m(self): 0\n", "class A:\n  pass\n"), ("a.py", "X = 1\n", "Y = 1\n"),
    ("a.py", "async def f(): 0\n", "def f(): 0\n"), ("a.py", "class A(B): 0\n", "class A: 0\n"),
    ("a.ts", "export function f(a) {\n}\n", "export function f(a, b) {\n}\n"),
    ("a.go", "func F(a int) {\n}\n", "func F(a string) {\n}\n"),
    ("a.rs", "pub fn f(a: u8) {\n}\n", "fn f(a: u8) {\n}\n"),
    ("A.java", "public class A { public int f(int a) {\n} }\n",
     "public class A { public int g(int a) {\n} }\n"),
    ("A.cs", "public class A { public int F(int a) {\n} }\n",
     "public class A { private int F(int a) {\n} }\n"),
    ("A.cs", "public class A { public int P { get; set; } }\n",
     "public class A { public int P { get; private set; } }\n"),
    ("A.cs", "public interface I { void F(int a); }\n", "public interface I { void F(); }\n"),
    ("A.cs", "public enum E { A, B }\n", "public enum E { A }\n"),
    ("A.java", "public interface I { int f(int a); }\n", "public interface I { int f(); }\n"),
    ("a.rs", "pub trait T { fn m(&self); }\n", "pub trait T { fn n(&self); }\n"),
    ("a.rs", "pub struct S { pub x: u8 }\n", "pub struct S { pub x: u16 }\n"),
    ("a.rs", "pub enum E { A, B }\n", "pub enum E { B }\n"),
    ("a.go", "package a\ntype I interface {\n\tM()\n}\n", "package a\ntype I interface {\n}\n"),
    ("a.go", "package a\ntype S struct {\n\tX int\n}\n",
     "package a\ntype S struct {\n\tX uint\n}\n"),
    ("a.ts", "export interface A {\n  x: number;\n}\n", "export interface A {\n  x: string;\n}\n"),
    ("a.ts", "export interface A {\n  f(\n    a: string,\n  ): void;\n}\n",
     "export interface A {\n  f(\n    a: number,\n  ): void;\n}\n"),
    ("a.ts", "export const f = (\n  a: string,\n) => 1;\n",
     "export const f = (\n  a: number,\n) => 1;\n"),
    ("a.ts", f"export function f(a: '{LONG}', b: string) {{}}\n",
     f"export function f(a: '{LONG}', b: number) {{}}\n"),
    ("a.py", "def f[T](a: T): 0\n", "def f[T](a: T, b): 0\n"),
    ("a.py", 'X = t"{a}"\ndef f(a): 0\n', 'X = t"{a}"\ndef g(a): 0\n'),
    ("a.ts", "function f(a) {\n}\nexport { f };\n", "function f(a, b) {\n}\nexport { f };\n"),
    ("a.ts", "export class A {\n  m(a) {}\n}\n", "export class A {\n  n(a) {}\n}\n"),
    ("a.rs", "pub struct S;\nimpl S {\n  pub fn m(&self) {}\n}\n", "pub struct S;\nimpl S {\n}\n"),
    ("a.kt", "fun f(a: Int) {}\n", "fun f(a: String) {}\n"),
    ("a.c", "int f(int a) {}\n", "int g() {}\n"),
    ("a.py", "try:\n  import z\nexcept ImportError:\n  def f(): 0\n",
     "try:\n  import z\nexcept ImportError:\n  def f(a): 0\n"),
    ("a.ts", "export enum E { A, B }\n", "export enum E { A }\n"),
    ("a.ts", "export enum E {\n  A = 1,\n  B = 'b',\n}\n", "export enum E {\n  A = 1,\n}\n"),
    ("a.ts", "export const enum E { 'a-b', C }\n", "export const enum E { C }\n"),
    ("a.ts", "export { x } from './b.js';\n", "\n"),
    ("a.js", "import { x } from './b';\nexport { x };\n", "import { x } from './b';\n"),
    ("a.ts", "export { x, y } from './b';\n", "export { y } from './b';\n"),
    ("a.ts", "export {\n  x,\n  y, // why\n};\n", "export {\n  x,\n};\n"),
    ("a.ts", "export { x as y } from './b';\n", "export { x as z } from './b';\n"),
    ("a.js", "function f() {}\nexport { f };\n", "function f() {}\nexport { f as g };\n"),
    ("a.ts", "export * from './b';\nlet a;\n", "let a;\n"),
    ("a.ts", "export * as n from './b';\n", "export * as m from './b';\n"),
    ("a.ts", "export type { T, U } from './b';\n", "export type { T } from './b';\n"),
    ("a.py", "from .b import foo, bar\n__all__ = ['foo', 'bar']\n",
     "from .b import foo\n__all__ = ['foo']\n"),
    ("a.py", "def bar(): 0\n__all__ = ['foo', 'bar']\n", "def bar(): 0\n__all__ = ['foo']\n"),
    ("a.py", "__all__ = ['foo']\n__all__ += ['bar']\n", "__all__ = ['foo']\n"),
    ("a.py", "__all__ = ('foo',) + ('bar',)\n", "__all__ = ('foo',)\n"),
    ("a.py", "from .b import bar as bar\n", "\n"), ("a.py", "import b as b\n", "import b\n"),
    ("a.go", "package a\ntype I interface {\n\tM()\n}\n",
     "package a\ntype I interface {\n\tM()\n\tN(x int) error\n}\n"),
    ("a.ts", "export interface I { a: string }\n", "export interface I { a: string; b: number }\n"),
    ("a.ts", "export interface I {\n  a: string;\n}\n",
     "export interface I {\n  a: string;\n  m(x?: number): void;\n}\n"),
    ("A.java", "public interface I { int f(); }\n", "public interface I { int f(); int g(); }\n"),
    ("A.cs", "public interface I { int F(); }\n", "public interface I { int F(); int G(); }\n"),
    ("a.rs", "pub trait T { fn m(&self); }\n", "pub trait T { fn m(&self); fn n(&self); }\n"),
]  # fmt: skip
NO_API = [
    ("a.py", TWO, TWO.replace("(a, c): ...", "(a, c): return a")),
    ("A.java", OVERLOADED, MORE),
    ("a.py", "def f(a): 0\n", "def f(a): 1\n"), ("a.py", "def _f(): 0\n", "def _g(): 0\n"),
    ("a.py", "def f(): 0\n", "def f(): 0\ndef g(): 0\n"), ("a.py", "X = 1\n", "X = 2\n"),
    ("a.py", "def f(a,b): 0\n", "def f(\n  a,\n  b,\n): 0\n"),
    ("a.ts", "export function f(a) {\n}\n", "export function f( a ) {\n  x()\n}\n"),
    ("a.ts", "function f() {\n}\n", "function g() {\n}\n"),
    ("a.go", "func f() {\n}\n", "func g() {\n}\n"),
    ("a.rs", "pub const A: u8 = 1;\n", "pub const A: u8 = 2;\n"),
    ("A.java", "class A { private int f() {\n} }\n", "class A { private int g() {\n} }\n"),
    ("a.ts", "export class A {\n  private m() {}\n}\n", "export class A {\n}\n"),
    ("a.c", "static int f(int a) {}\n", "static int g() {}\n"),
    ("a.kt", "private fun f() {}\n", "\n"),
    ("a.rs", "struct S;\nimpl S {\n  fn m(&self) {}\n}\n", "struct S;\n"),
    ("a.md", "def f(): 0\n", "def g(): 0\n"),
    ("A.cs", "public class A { public int P { get { return 1; } } }\n",
     "public class A { public int P { get { return 2; } } }\n"),
    ("A.cs", "public class A { public int P => 1; }\n", "public class A { public int P => 2; }\n"),
    ("A.cs", "public class A { public int F() { return 1; } }\n",
     "public class A { [Pure] public int F( /* none */ ) { return 1; } }\n"),
    ("A.cs", "class A { public int F() { return 1; } }\n", "class A { }\n"),
    ("A.java", "public class A { public int f() {\n} }\n",
     "public class A { @Override public int f() {\n} }\n"),
    ("a.go", "package a\ntype S struct {\n\tX int\n}\n",
     "package a\ntype S struct {\n\tX int `json:\"x\"`\n}\n"),
    ("a.ts", "export function f(a, b) {\n}\n", "export function f(\n  a,\n  b,\n) {\n}\n"),
    ("a.ts", "export interface A<out T> {\n  x: T;\n}\n",
     "function f() {}\nexport interface A<out T> {\n  x: T;\n}\n"),
    ("a.rs", "pub struct S { x: u8 }\n", "pub struct S { y: u8 }\n"),
    ("a.js", "export function f() {\n  const g = () => 1;\n}\n",
     "export function f() {\n  const h = () => 1;\n}\n"),
    ("a.ts", "export enum E { A, B }\n", "export enum E { B, C = 3, A = 2 }\n"),
    ("a.ts", "enum E { A, B }\n", "enum E { A }\n"),
    ("a.ts", "export { x } from './b.js';\n", "export { w, x } from \"./b\";\n"),
    ("a.ts", "export { x } from './b';\n", "export function x(a) {}\n"),
    ("a.js", "function f() {}\nexport { f };\n", "export function f() {}\n"),
    ("a.js", "import { x } from './b';\nexport { x };\n", "export { x } from './b';\n"),
    ("a.ts", "export * from './b';\n", "export * from './a';\nexport * from './b.js';\n"),
    ("a.js", "// export { x };\nlet a;\n", "let a;\n"),
    ("a.py", "from .b import foo\n__all__ = ['foo']\n",
     "from .b import bar, foo\n__all__ = ['bar', 'foo']\n"),
    ("a.py", "def foo(a): 0\n__all__ = ['foo']\n", "from .b import foo\n__all__ = ['foo']\n"),
    ("a.py", "from .b import foo\n__all__ = ['foo']\n",
     "from . import b\n__all__ = [*b.__all__]\n"),
    ("a.py", "from .b import bar\n", "\n"), ("a.py", "from .b import bar as baz\n", "\n"),
    ("a.go", "package a\ntype i interface {\n\tM()\n}\n",
     "package a\ntype i interface {\n\tM()\n\tN()\n}\n"),
    ("a.go", "package a\ntype S struct {\n\tX int\n}\n",
     "package a\ntype S struct {\n\tX int\n\tY int\n}\n\ntype J interface {\n\tN()\n}\n"),
    ("a.ts", "export interface I { a: string }\n",
     "export interface I { c?: { d: string; e: 1 }; a: string; b?(x: { y: 1 }): void }\n"),
    ("a.ts", "interface I { a: string }\n", "interface I { a: string; b: number }\n"),
    ("a.ts", "export class C { a = 1 }\n", "export class C { a = 1; b = 2 }\n"),
    ("A.java", "public interface I { int f(); }\n",
     "public interface I { int f(); default int g() { return 1; } }\n"),
    ("A.cs", "public interface I { int F(); }\n",
     "public interface I { int F(); int G() => 1; }\n"),
    ("a.rs", "pub trait T { fn m(&self); }\n", "pub trait T { fn m(&self); fn n(&self) {} }\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), API)
def test_changed_public_signature_is_found(path: str, before: str, after: str) -> None:
    found = check(subject_of(path, before, after), Rules(keep_api=True))
    assert [f.rule for f in found] == ["keep_api"]


@pytest.mark.parametrize(("path", "before", "after"), NO_API)
def test_change_behind_the_public_signatures_is_allowed(path: str, before: str, after: str) -> None:
    assert check(subject_of(path, before, after), Rules(keep_api=True)) == ()


# What is newer than some grammar, or than the Python that runs here; a text that goes with it.
GAPS = [
    ("a.py", "x = 1", 'y = t"{x} {{"'), ("a.py", "x = 1", 'y = f"{a["b"]}"'),
    ("a.py", "x = 1", "def f[T: int = int](x: T) -> T: 0"),
    ("a.py", "x = 1", "class A[T](B): 0"), ("a.py", "x = 1", "type X[T] = list[T]"),
    ("a.py", "x = 1", "try:\n    f()\nexcept A, B:\n    g()"),
    ("a.ts", "let a = 1;", "interface A<in T, out U> { x: T }"),
    ("a.ts", "let a = 1;", "let b = c satisfies D;"), ("a.ts", "let a = 1;", "f<string>`x`;"),
    ("a.ts", "let a = 1;", "interface F {\n  (a: A): (b: B) => R<B>\n  <A>(b: B): R<A>\n}"),
    ("a.ts", "let a = 1;", 'export type * from "b";'),
    ("a.js", "f();", "if (a) {\n}\n[...a, ...(b ? c : [])].forEach((x) => {\n  f(x);\n});"),
    ("A.cs", "class A { }", "class B(int x) { int[] y = [1, .. z]; int P => field; }"),
    ("A.cs", "class A { }", "class B { void F() { a?.b = 1; } }"),
    ("A.cs", "class A { }", "class B {\n#if X\n int F()\n#else\n long F()\n#endif\n {\n }\n}"),
    ("a.rs", "fn a() {}", "fn f() { if let Some(x) = a && let Some(y) = b && x > y {} }"),
    ("a.rs", "fn a() {}", 'unsafe extern "C" { pub safe fn f(); }'),
    ("A.java", "class A {}", "class B { int f(Object o) { return switch (o) {"
     " case P(int x, var _) when x > 1 -> x; default -> 0; }; } }"),
    ("A.java", "class A {}", "import module java.base;"),
    ("A.java", "class A {}", "class B extends C {\n  B(int x) {\n    f(x);\n    super(x);\n  }\n}"),
    ("a.go", "var a int", "func f[T ~int]() { for i := range 10 { g(i) } }"),
]  # fmt: skip

# What is wrong in C whatever macros stand for, and what macros may make right.
MACROS = [
    ("int f(void) { return 1 }", True), ("int = 3;", True), ("unsigned = 3;", True),
    ("int f(void) {\n  int x = 1\n  return x;\n}", True),
    ("int f(void) {\n  a = 1\n  return a;\n}", True),
    ("int f(void) {\n  return a\n}", True),
    ("void f(void) { LIST_FOREACH(a, b) { g(); } }", False), ("int b = 3 UNITS;", False),
    ("static int f(void) ATTR;", False), ("void f(void) { a = (T) b MINUS c; }", False),
    ("int f(void) { return a MINUS b; }", False), ("DECLARE(a)\nint b;", False),
    ("int b = 1 __attribute__((unused));", False), ("void f(void) { BEGIN g(); END }", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "before", "after", "found"),
    [
        ("a.py", "x = 1\n", "x = (\n", True), ("a.json", "{}\n", "{\n", True),
        ("a.toml", "a = 1\n", "a =\n", True), ("a.py", "x = (\n", "y = (\n", False),
        ("a.py", "x = 1\n", "x = (\n)\n", False), ("a.js", "{}\n", "{\n", True),
        ("a.go", "package a\nfunc f() {\n}\n", "package a\nfunc f( {\n}\n", True),
        ("a.rs", "fn f() {}\n", "fn f() {\n", True),
        ("A.java", "class A {}\n", "class A {\n", True),
        ("a.ts", "let a: b = 1;\n", "let a: = 1;\n", True), ("a.rb", "x = 1\n", "def x\n", True),
        ("a.c", "int f() { return 1; }\n", "int f() { return 1;\n", True),
        ("a.go", "package a\n", "package a\n\nfunc f() {}\n", False),
        ("a.rs", "fn f() {\n", "fn g() {\n", False), ("a.ts", "f(1);\n", "f(<A>1);\n", False),
        ("a.c", "int f() { return 1; }\n", "int f(void) { return 2; }\n", False),
        ("a.json", "{}\n", "[1]\n", False), ("a.toml", "a = 1\n", "[a]\n", False),
        ("a.unknown", "x\n", "((\n", False), ("a.java", "class A {\n", "class B {\n", False),
        ("a.yml", "a: 1\n", "a: [1\n", True), ("a.yaml", "a: 1\n", "a:\n\tb: 1\n", True),
        ("a.yml", "a: 1\n", "a: b: c\n", True), ("a.yml", "a: [1\n", "b: [1\n", False),
        ("a.yml", "a: 1\n", "a: !x [&b {c: d}, *b]\n---\n- e: |\n    {[\n", False),
        ("a.yml", "a: 1\n", "a: {{ .b }}\n{{- if c }}\nd: 1\n{{- end }}\n", False),
        ("a.yml", "a: ${{ b.c }}\n", "a: ${{ b.d }}\n", False),
        ("a.md", "x\n", "(\n", False), ("a.pyi", "x: int\n", "x: \n", True),
        *((path, f"{end}\n", f"{gap}\n{end}\n", False) for path, end, gap in GAPS),
        *((path, f"{gap}\n{end}\n", f"{gap}\n{gap}\n{end}\n", False) for path, end, gap in GAPS),
        *((path, f"{gap}\n{end}\n", f"{gap}\n{end}\n(\n", True) for path, end, gap in GAPS),
        ("a.css", "a { b: c }\n", "a { b: c; *zoom: 1 }\n", False),
        ("a.css", "a { b: c }\n", "a { b: c; *zoom: 1\n", True),
        ("a.c", "int f(void);\n", "API(int) f(void) NOTHROW;\n", False),
        *((path, "int a;\n", f"int a;\n{text}\n", found)
          for path in ("a.c", "a.cpp") for text, found in MACROS),
        *((path, f"API(int) g(void) NOTHROW;\n{text}\n", f"int a;\n{text}\n", False)
          for path in ("a.c", "a.cpp") for text, found in MACROS if found),
        ("tsconfig.json", "{}\n", '{\n  // why\n  "a": "//",\n}\n', False),
        ("package.json", "{}\n", '{\n  // why\n  "a": 1\n}\n', True),
        ("a.cs", "class A {\n#if X\n int F()\n#else\n long F()\n#endif\n {\n }\n}\n",
         "class A {\n#if X\n int F()\n#else\n long F(\n#endif\n {\n }\n}\n", True),
    ],
)  # fmt: skip
def test_file_that_can_no_longer_be_read_is_found(
    path: str, before: str, after: str, found: bool
) -> None:
    assert bool(check(subject_of(path, before, after), Rules(syntax=True))) is found


@pytest.mark.parametrize(("path", "end", "gap"), GAPS)
def test_new_file_in_the_newest_words_of_its_language_is_none(
    path: str, end: str, gap: str
) -> None:
    text = f"{gap}\n{end}\n"
    if path == "a.go":
        text = f"package a\n{text}"
    lines = tuple(to_line("+", line) for line in text.splitlines(keepends=True))
    subject = Subject(ResolvedCreate(path, lines), None, text)
    assert check(subject, Rules(syntax=True)) == ()


@pytest.mark.parametrize(("path", "end", "gap"), [g for g in GAPS if g[0] == "a.py"])
def test_only_a_symbol_is_known_beside_the_newest_words(path: str, end: str, gap: str) -> None:
    before = f"{gap}\ndef only():\n    return 1\n{end}\n"
    inside = subject_of(path, before, before.replace("return 1", "return 2"))
    assert check(inside, Rules(only=("a.py::only",))) == ()
    outside = subject_of(path, before, before.replace(end, "x = 2"))
    assert [f.rule for f in check(outside, Rules(only=("a.py::only",)))] == ["only"]


@pytest.mark.parametrize("named", ["S.f", "S::f", "f"])
def test_parts_of_a_symbol_are_told_apart_by_dots_or_colons(named: str) -> None:
    body = "fn f() {\n        1;\n    }\n    fn g() {\n        2;\n    }"
    before = f"struct S;\nimpl S {{\n    {body}\n}}\n"
    rules = Rules(only=(f"a.rs::{named}",))
    assert check(subject_of("a.rs", before, before.replace("1;", "3;")), rules) == ()
    found = check(subject_of("a.rs", before, before.replace("2;", "3;")), rules)
    assert [one.rule for one in found] == ["only"]
