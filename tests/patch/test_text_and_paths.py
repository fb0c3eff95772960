"""Bytes that are text or are not; names that may be written or may not."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexspark_tui.patch import TextFile, Undecodable, decode, quote, unquote, unsafe_path
from codexspark_tui.patch.encodings import (
    has_bytes,
    hunk_in,
    read_in,
    resolved_in,
    written_in,
)
from codexspark_tui.patch.headers import git_names
from codexspark_tui.patch.model import Hunk, Line, ResolvedHunk
from codexspark_tui.patch.whole import Applied, apply_patch


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        ("é\n".encode(), "é\n", "utf-8"),
        (b"\xef\xbb\xbfa\r\n", "a\r\n", "utf-8"),
        ("\ufeffé".encode("utf-16-le"), "é", "utf-16-le"),
        (
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            "# -*- coding: latin-1 -*-\nx = 'é'\n",
            "iso8859-1",
        ),
        (b"caf\xe9\n", "café\n", "iso8859-1"),
        (b"\x93caf\xe9\x94\n", "“café”\n", "cp1252"),
        ("naïve\n".encode() + b"\xff\n", "naïve\n\udcff\n", "utf-8"),
        (b"\x83e\x81\x42\n", "\udc83e\udc81B\n", "ascii"),
        (b"# coding: utf-8\n\xe9\n", "# coding: utf-8\né\n", "iso8859-1"),
        (b"# coding: ascii\n" + "é".encode(), "# coding: ascii\né", "utf-8"),
    ],
)
def test_text_is_decoded_and_encoded_to_the_same_bytes(
    data: bytes, text: str, encoding: str
) -> None:
    decoded = decode(data)
    assert isinstance(decoded, TextFile)
    assert (decoded.text, decoded.encoding) == (text, encoding)
    assert decoded.encode(text) == data


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ab\x00c", "NUL byte at offset 2"),
        (b"abc\xff\x01", "0xFF at offset 3"),
        (b"\xef\xbb\xbf\xff", "offset 3"),
        (b"\xff\xfea\x00b", "offset"),
    ],
)
def test_bytes_that_are_no_text_are_said_where(data: bytes, why: str) -> None:
    decoded = decode(data)
    assert isinstance(decoded, Undecodable)
    assert why in decoded.why


def test_text_that_an_encoding_lacks_is_not_written() -> None:
    decoded = decode(b"# coding: ascii\n")
    assert isinstance(decoded, TextFile)
    assert isinstance(decoded.encode("é"), Undecodable)
    unknown = decode(b"\x83e\x81\x42\n")
    assert isinstance(unknown, TextFile)
    assert isinstance(unknown.encode("é"), Undecodable)


def test_lines_of_bytes_are_read_in_the_encoding_of_their_file_and_written_in_it() -> None:
    given = (Line(" ", "plain"), Line("+", "caf\udce9"))
    read = (Line(" ", "plain"), Line("+", "café"))
    assert read_in(given, "iso8859-1") == read
    hunk, resolved = Hunk("f", given), ResolvedHunk("f", 1, given)
    assert hunk_in(hunk, "iso8859-1").lines == read
    assert resolved_in(resolved, "iso8859-1").lines == read
    assert written_in(resolved_in(resolved, "iso8859-1"), "iso8859-1") == resolved
    assert (has_bytes(given), has_bytes(read)) == (True, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1252", "ascii"])
def test_lines_that_the_encoding_cannot_tell_stay_as_they_are(encoding: str) -> None:
    strange = (Line("+", "\udc81\udc81"),)
    assert read_in(strange, encoding) == strange
    lacking = ResolvedHunk("f", 1, (Line("+", "日本"),))
    assert written_in(lacking, encoding) == lacking


@given(st.binary(max_size=60).map(lambda data: bytes(b for b in data if b >= 0x20 or b == 10)))
def test_a_text_of_any_bytes_is_written_as_it_was_read(data: bytes) -> None:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"))
    decoded = decode(data)
    assert marked or isinstance(decoded, TextFile)
    if isinstance(decoded, TextFile):
        assert decoded.encode(decoded.text) == data


@given(st.binary(min_size=1, max_size=20))
def test_a_quoted_name_is_read_back(name: bytes) -> None:
    text = os.fsdecode(name)
    quoted = quote(text)
    assert quoted.isascii()
    assert (unquote(quoted) or (text, ""))[0] == text


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a/..",
        "~/x",
        "C:/x",
        "C:x",
        "\\x",
        "a\\..\\x",
        ".git/config",
        "a/.GIT/hooks/x",
        ".git /x",
        ".git./x",
        "GIT~1/x",
        ".g\u200cit/x",
        ".git::$INDEX_ALLOCATION/x",
        "a\0b",
        "a\nb",
        "a\x1b[31m",
        "a//b",
        "a/./b",
        "a/",
    ],
)
def test_a_hostile_path_is_refused_with_a_sentence(path: str) -> None:
    why = unsafe_path(path)
    assert why is not None
    assert why.endswith(".")


@pytest.mark.parametrize(
    "path", ["a", "a b/c d.py", "ö/x", ".gitignore", "a/.github/x", "git~", "..a"]
)
def test_an_ordinary_path_is_safe(path: str) -> None:
    assert unsafe_path(path) is None


def test_a_name_that_ends_in_a_blank_is_read_from_gits_line() -> None:
    assert git_names("a/trail  b/trail ") == ("a/trail ", "b/trail ")
    assert git_names("a/trail b/trail  ") == ("a/trail", "b/trail")


def test_a_lone_carriage_return_at_the_end_of_a_file_is_kept() -> None:
    patch = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\r\n+b\r\n\\ No newline at end of file\n"
    outcome = apply_patch(patch, {"f": "a\r\n"}, {})
    assert isinstance(outcome, Applied)
    assert outcome.files == {"f": "b\r"}
