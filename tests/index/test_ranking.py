"""What a prompt says, and which files it is about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.index.index import Index
from codexspark_tui.index.kinds import is_test
from codexspark_tui.index.pool import Plan
from codexspark_tui.index.prompt import Mention, Place, mentions, read_prompt
from codexspark_tui.index.values import Ask
from codexspark_tui.index.words import document, parts
from tests.support.repo import Repo

FILES: dict[str, str | bytes] = {
    "shop/orders.py": "class OrderBook:\n    def total_price(self):\n        return 1\n",
    "shop/web.py": "from shop.orders import OrderBook\n\ndef page():\n    return OrderBook()\n",
    "shop/colours.py": "def blend(a, b):\n    return a\n",
    "shop/other.py": "x = 1\n",
    "tests/test_orders.py": "from shop.orders import OrderBook\n\ndef test_total(): pass\n",
    "docs/orders.md": "# Orders\nThe price of an order.\n",
}


@pytest.fixture
def index(repo: Repo, tmp_path: Path) -> Iterator[Index]:
    repo.commit(FILES, "Everything at once")
    repo.commit({"shop/colours.py": "def blend(a, b):\n    return b\n"}, "Mix paints evenly")
    with closing(Index.open(repo.root, folder=tmp_path / "i")) as made:
        made.refresh()
        made.build(plan=Plan(1))
        yield made


def ranked(index: Index, prompt: str, **more: object) -> dict[str, tuple[str, ...]]:
    return {r.path: r.reasons for r in index.rank(Ask(prompt, **more))}  # type: ignore[arg-type]


def first(index: Index, prompt: str) -> tuple[str, str]:
    path, reasons = next(iter(ranked(index, prompt).items()))
    return path, reasons[0]


def test_each_kind_of_evidence_leads_to_its_file(index: Index) -> None:
    trace = 'Traceback:\n  File "/home/x/shop/orders.py", line 3, in total_price\nTypeError: no'
    assert {
        prompt: first(index, prompt)
        for prompt in ("look at web.py", "OrderBook is wrong", "blending", "mix paints", trace)
    } == {
        "look at web.py": ("shop/web.py", "in the prompt"),
        "OrderBook is wrong": ("shop/orders.py", "defines OrderBook"),
        "blending": ("shop/colours.py", "its words"),
        "mix paints": ("shop/colours.py", "a commit like this changed it"),
        trace: ("shop/orders.py", "line 3 is in the prompt"),
    }


def test_lines_of_a_trace_are_those_of_the_function(index: Index) -> None:
    trace = 'File "shop/orders.py", line 3, in total_price'
    assert index.rank(Ask(trace))[0].lines == ((2, 3),)


def test_what_uses_a_name_is_connected_with_what_defines_it(index: Index) -> None:
    found = ranked(index, "change OrderBook")
    assert "uses OrderBook" in found["shop/web.py"]
    assert not [r for r in found.get("shop/other.py", ()) if r.startswith("uses")]
    order = list(found)
    assert order.index("shop/web.py") < order.index("tests/test_orders.py")


def test_edited_named_and_dropped_files_count(index: Index) -> None:
    assert (
        "edited in this session"
        in ranked(index, "go on", edited=("shop/other.py",))["shop/other.py"]
    )
    dropped = frozenset({"shop/orders.py"})
    assert "shop/orders.py" not in ranked(index, "change OrderBook", dropped=dropped)


@pytest.mark.parametrize(
    "prompt", ["", "@", '"" OR NEAR(', "*", "'; DROP TABLE file; --", "\0\udcff", "a" * 100_000]
)
def test_strange_prompts_break_nothing(index: Index, prompt: str) -> None:
    index.rank(Ask(prompt))
    index.search(prompt[:200])
    index.definitions(prompt[:200])
    assert index.status().read == len(FILES)


def test_a_prompt_is_read_into_mentions_places_names_and_words() -> None:
    said = read_prompt(
        "make `load()` of Reader.parse take bytes in src/io.py, see @src/a.py:10-40 and @Box"
    )
    assert said.mentions == (Mention("src/a.py", (10, 40)), Mention("Box"))
    assert said.places == (Place("Reader.parse"), Place("src/io.py"))
    assert said.names == ("load", "Reader", "parse")
    assert said.words == ("load", "reader", "parse", "bytes")


def test_mentions_have_ranges_quotes_and_ends_of_sentences() -> None:
    text = 'see @a.py, @"my file.py:3" and @b/c.py:9. Mail me@home.org; @diff!'
    assert mentions(text) == [
        Mention("a.py"),
        Mention("my file.py", (3, 3)),
        Mention("b/c.py", (9, 9)),
        Mention("diff"),
    ]


def test_lines_of_traces_in_several_languages_are_places() -> None:
    text = "\n".join(
        (
            '  File "pkg/a.py", line 12, in run',
            "    at Object.load (src/app.js:3:14)",
            "  --> src/main.rs:7:5",
            "\tmain.go:21 +0x1d",
        )
    )
    found = {(p.path, p.line) for p in read_prompt(text).places if p.line}
    assert found == {("pkg/a.py", 12), ("src/app.js", 3), ("src/main.rs", 7), ("main.go", 21)}


def test_an_identifier_counts_as_itself_and_as_its_parts() -> None:
    assert parts("readHTTPHeader_v2") == ("read", "http", "header")
    assert parts("plain") == ()
    words = document("read_header(x) read_header")[0].split()
    assert {"read_header", "read", "header"} == set(words)


def test_tests_are_known_by_their_names() -> None:
    tests = ("tests/a.py", "a/test_x.py", "x_test.go", "a.spec.ts", "src/__tests__/a.js")
    assert all(is_test(path) for path in tests)
    assert not any(is_test(path) for path in ("src/contest.py", "attest/a.py", "latest.py"))


def test_paths_are_found_by_their_letters() -> None:
    paths = ["src/io.py", "src/reader/parse.py", "docs/parse.md", "tests/test_parse.py", "pa.py"]
    finder = PathFinder(paths)
    assert finder.find("parse") == [
        "docs/parse.md",
        "src/reader/parse.py",
        "tests/test_parse.py",
    ]
    assert finder.find("rdrpar") == ["src/reader/parse.py"]
    assert finder.find("SRC/IO") == ["src/io.py"]
    assert finder.find("zz") == []
    assert finder.find("", 2) == paths[:2]
    assert PathFinder([]).find("x") == []
    assert PathFinder([os.fsdecode(b"caf\xe9.py")]).find("caf") == [os.fsdecode(b"caf\xe9.py")]
