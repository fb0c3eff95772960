"""The app in a browser: who may come in, and that all that was begun ends."""

from __future__ import annotations

import json
import socket
import time
from itertools import product
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.repo import Repo
from tests.support.spark import run, script, scripted
from tests.tui.conftest import TWO
from tests.web.browsing import TIMEOUT_S, Page, Served, is_alive

PATHS = ("/", "/ws", "/static/js/textual.js", "/download/x", "/nothing")


@pytest.fixture
def shop(repo: Repo) -> Repo:
    repo.commit({"shop/prices.py": "".join(f"line {n}\n" for n in range(1, 41))})
    return repo


def test_only_who_has_the_token_comes_in_and_only_from_here(shop: Repo) -> None:
    with Served((), shop.root) as served:
        cookie = served.cookie()
        wrong = cookie[:-2] + ("aa" if cookie[-2:] != "aa" else "bb")
        token = served.url.partition("token=")[2]
        made = served.get(f"/?token={token}")[1]
        assert set(made.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Strict"}
        with pytest.raises(ConnectionRefusedError):  # this machine, by another address than ours
            socket.create_connection(("127.0.0.2", served.port))
        for path in PATHS:
            assert served.get(path)[0] == 403
            assert served.get(path, {"Cookie": wrong})[0] == 403
            assert served.get(f"{path}?token={token[:-1]}~", {"Cookie": cookie})[0] == 403
            for host in (
                "evil.example",
                f"evil.example:{served.port}",
                "127.0.0.1.evil.example",
                "",
            ):
                assert served.get(path, {"Cookie": cookie, "Host": host})[0] in (400, 403)
                assert served.get(f"{path}?token={token}", {"Host": host})[0] in (400, 403)
            for origin in (
                "http://evil.example",
                "null",
                f"https://{served.host}",
                "http://127.0.0.1:1",
            ):
                assert served.get(path, {"Cookie": cookie, "Origin": origin})[0] == 403
            assert path == "/" or served.get(f"{path}?token={token}")[0] == 403
        assert served.get(f"/?token={token}&token={token}")[0] == 403
        assert served.get(f"//evil.example/?token={token}")[0] == 403
        assert served.get("/", {"Cookie": cookie, "X": "a" * 100_000})[0] == 400
        found = [served.get(path, {"Cookie": cookie})[0] for path in ("/", "/static/js/textual.js")]
        assert found == [200, 200]
        named = {"Cookie": cookie, "Host": f"localhost:{served.port}"}
        assert f"ws://localhost:{served.port}/ws" in served.get("/", named)[2]
        sources = {word for part in served.policy.split(";") for word in part.split()[1:]}
        own = {"'self'", "'none'", "'unsafe-inline'", "data:", f"ws://localhost:{served.port}"}
        assert sources <= own  # nothing is loaded from elsewhere, nothing sent there
        assert served.policy.startswith("default-src 'none';")
        assert token not in cookie
        assert served.children() == []
        assert served.interrupt()[1].count("\n") == 1


STRANGERS: tuple[dict[str, str], ...] = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"name": "evil.example"},
    {"Cookie": ""},
    {"Cookie": "spark-1=x"},
)


def test_a_socket_is_refused_and_starts_nothing(shop: Repo) -> None:
    with Served((), shop.root) as served:
        cookie = served.cookie()
        for stranger, page in product(STRANGERS, ("", "a" * 32)):
            with pytest.raises(InvalidStatus) as refused:
                served.socket(**({"cookie": cookie, "page": page} | stranger))
            assert refused.value.response.status_code == 403, (stranger, page)
        assert served.children() == []


def test_the_app_works_in_a_page_and_ends_with_the_server(shop: Repo, tmp_path: Path) -> None:
    options = [o for o in scripted(script(tmp_path, TWO)) if o != "app"]
    with Served(options, shop.root) as served:
        with served.socket(served.cookie()) as socket:
            page = Page(socket)
            page.wait_for("Say what to change")
            page.type("go\r")
            page.wait_for("c why")
            page.type("y")
            page.wait_for("✓ 1")
            assert "LINE 5\n" in shop.text("shop/prices.py")
            (child,) = served.children()
            code, said = served.interrupt()
            assert page.wait_for_end() == 1001
        assert not is_alive(child)
        assert (code, "Traceback" in said) == (130, False)
        assert "1 accepted, 0 rejected, 1 left open" in said


def test_a_page_that_is_loaded_again_goes_on_with_its_session(shop: Repo, tmp_path: Path) -> None:
    options = [o for o in scripted(script(tmp_path, TWO)) if o != "app"]
    mine, other = "a" * 32, "b" * 32
    with Served(options, shop.root) as served:
        cookie = served.cookie()
        with served.socket(cookie, page=mine) as socket:
            page = Page(socket)
            page.wait_for("Say what to change")
            page.type("go\r")
            page.wait_for("c why")
            page.type("y")
            page.wait_for("✓ 1")
            page.type("ihalf a thought")
            page.wait_for("half a thought")
            with served.socket(cookie, page=mine) as again:  # the first one is not closed yet
                page = Page(again)
                page.wait_for("✓ 1")
                page.wait_for("1 open")
                page.wait_for("half a thought")
                with served.socket(cookie, page=other) as stranger:
                    Page(stranger).wait_for("Say what to change")
                page.type("\x03\x04")
                page.wait_for("Leave with 1 undecided change?")
                page.type("y")
                page.wait_for_end()
        with served.socket(cookie, page=mine) as afresh:
            Page(afresh).wait_for("Say what to change")
        assert served.interrupt()[0] == 130


def test_a_page_that_is_closed_ends_its_app_and_keeps_the_draft(
    shop: Repo, isolated_home: Path
) -> None:
    with Served((), shop.root) as served:
        with served.socket(served.cookie()) as socket:
            page = Page(socket)
            page.wait_for("Say what to change")
            page.type("half a thought")
            page.wait_for("half a thought")
            (child,) = served.children()
        deadline = time.monotonic() + TIMEOUT_S
        while is_alive(child):
            assert time.monotonic() < deadline
        (draft,) = (isolated_home / "state").rglob("draft.json")
        assert json.loads(draft.read_text()) == "half a thought"
        with served.socket(served.cookie()) as socket:
            socket.send(json.dumps({"nonsense": 1}))
            assert Page(socket).wait_for_end() == 1003
        with served.socket(served.cookie()) as socket:
            page = Page(socket)
            page.wait_for("half a thought")
            page.type("\x15/quit\r")
            assert page.wait_for_end() == 1000


def test_a_server_that_is_killed_takes_the_app_with_it(shop: Repo) -> None:
    with Served((), shop.root) as served, served.socket(served.cookie()) as socket:
        Page(socket).wait_for("Say what to change")
        (child,) = served.children()
        served.process.kill()
        deadline = time.monotonic() + TIMEOUT_S
        while is_alive(child):
            assert time.monotonic() < deadline


def test_the_browser_is_given_a_page_for_its_owner_and_never_the_token(
    shop: Repo, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    browser = tmp_path / "browser"
    browser.write_text(
        "#!/bin/sh\n"
        f'file="${{1#file://}}"; {{ echo "$1"; ls -l "$file"; cat "$file"; }} > {given}.part\n'
        f"mv {given}.part {given}\n"
    )
    browser.chmod(0o700)
    with Served((), shop.root, {"BROWSER": f"{browser} %s"}) as served:
        deadline = time.monotonic() + TIMEOUT_S
        while not given.exists():
            assert time.monotonic() < deadline
        url, rights, text = given.read_text().split("\n", 2)
        assert served.url in text
        assert served.url.partition("token=")[2] not in url
        assert rights.startswith("-rw------- ")
        page = Path(url.removeprefix("file://"))
        assert page.exists()
        assert served.interrupt()[0] == 130
        assert not page.exists()


def test_a_port_that_is_taken_or_none_is_told(shop: Repo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("web", "--port", str(taken.getsockname()[1]), cwd=shop.root)
    assert (done.code, done.out) == (2, b"")
    assert "Choose another --port" in done.err
    assert run("web", "--port", "70000", cwd=shop.root).code == 2
