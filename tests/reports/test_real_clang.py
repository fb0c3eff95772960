"""What is read of the output of a real clang. Skipped where it is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.test_real import Fault, by_name, check, needs

pytestmark = pytest.mark.full
UNKNOWN = "use of undeclared identifier 'y'"
CALLED = "int g(void);\nint main(void) {\n  return g();\n}\n"
FAULTS = [
    Fault(
        "types and names",
        "clang -c a.c",
        {"a.c": "int f(void) {\n  return y;\n}\nint *g(void) {\n  return 1.5;\n}\n"},
        (f"a.c:2: {UNKNOWN}", "a.c:5: returning 'double' from a function with"),
    ),
    Fault(
        "in colour",
        "clang -fcolor-diagnostics -c a.c",
        {"a.c": "int f(void) {\n  return y;\n}\n"},
        (f"a.c:2: {UNKNOWN}",),
    ),
    Fault(
        "syntax",
        "clang -c a.c",
        {"a.c": "int f(void) {\n  return 1\n}\n"},
        ("a.c:2: expected ';' after return statement",),
    ),
    Fault(
        "in a header",
        "clang -c a.c",
        {
            "a.c": '#include "in/b.h"\nint main(void) { return 0; }\n',
            "in/b.h": "int f(void) { return y; }\n",
        },
        (f"in/b.h:1: {UNKNOWN}",),
    ),
    Fault(
        "no such header",
        "clang -c a.c",
        {"a.c": '#include "nowhere.h"\n'},
        ("a.c:1: 'nowhere.h' file not found",),
        blocks=True,
    ),
    Fault(
        "warnings as errors",
        "clang -Wall -Werror -c a.c",
        {"a.c": "int f(void) {\n  int x;\n  return 1;\n}\n"},
        ("a.c:2: unused variable 'x' [-Werror,-Wunused-variable]",),
    ),
    Fault(
        "linked",
        "clang -g a.c -o a",
        {"a.c": CALLED},
        ("a.c:3: undefined reference to `g'",),
    ),
    Fault(
        "linked without lines",
        "clang a.c -o a",
        {"a.c": CALLED},
        ("a.c:0: undefined reference to `g'",),
    ),
    Fault(
        "a member",
        "clang++ -c a.cpp",
        {"a.cpp": "struct S {};\nint f() {\n  S s;\n  return s.nothing();\n}\n"},
        ("a.cpp:4: no member named 'nothing' in 'S'",),
    ),
    Fault(
        "a template",
        "clang++ -c a.cpp",
        {
            "a.cpp": "template <class T>\nint f(T x) {\n  return x.size();\n}\n"
            "int g() {\n  return f(1);\n}\n"
        },
        ("a.cpp:3: member reference base type 'int' is not a structure or union",),
    ),
    Fault(
        "inside a macro",
        "clang -c a.c",
        {"a.c": "#define TWICE(x) (x + y)\nint f(void) {\n  return TWICE(1);\n}\n"},
        (f"a.c:3: {UNKNOWN}",),
    ),
    Fault(
        "too many errors",
        "clang -ferror-limit=1 -c a.c",
        {"a.c": "int f(void) {\n  return y;\n}\nint g(void) {\n  return y;\n}\n"},
        (f"a.c:2: {UNKNOWN}",),
    ),
]


@needs("clang", "clang++")
@by_name(FAULTS)
def test_clang(fault: Fault, tmp_path: Path) -> None:
    check("gcc", fault, tmp_path)
