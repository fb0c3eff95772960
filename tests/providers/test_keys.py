"""Where a key comes from and goes to; it shows up nowhere else."""

from __future__ import annotations

import stat
import sys
import types
from pathlib import Path

import pytest

from codexspark_tui.errors import KeyMissing, UsageError
from codexspark_tui.providers.keys import (
    Key,
    Places,
    find_key,
    forget_key,
    has_key,
    key_file,
    save_key,
)

KEY = "sk-planted-0123456789"
HERE = Places("house", "HOUSE_KEY")


class Ring:
    """A keyring that keeps things in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_keyring(self) -> object:
        return self

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    """The library `keyring`, with a keyring of our own behind it."""
    made = Ring()
    library = types.ModuleType("keyring")
    for name in ("get_keyring", "get_password", "set_password", "delete_password"):
        setattr(library, name, getattr(made, name))
    backends, errors = types.ModuleType("keyring.backends"), types.ModuleType("keyring.errors")
    backends.fail = types.SimpleNamespace(Keyring=type("Keyring", (), {}))  # type: ignore[attr-defined]
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    for module in (library, backends, errors):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return made


@pytest.fixture
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library."""
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.mark.usefixtures("no_ring")
def test_the_file_is_for_the_owner_alone_and_one_that_others_can_read_is_not_used() -> None:
    assert save_key("house", f" {KEY}\n") == str(key_file())
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert find_key(HERE, {}) == Key(KEY, str(key_file()))
    assert has_key(HERE, {}) == "file"
    key_file().chmod(0o644)
    with pytest.raises(UsageError) as raised:
        find_key(HERE, {})
    assert "can be read by others" in raised.value.title


def test_order_of_the_places(ring: Ring, tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('of-command')")
    places = Places("house", "HOUSE_KEY", command)
    ring.set_password("codexspark", "house", "of-ring")
    assert find_key(places, {"HOUSE_KEY": "of-environment"}) == Key("of-command", "key_command")
    assert find_key(HERE, {"HOUSE_KEY": "of-environment"}) == Key("of-environment", "$HOUSE_KEY")
    assert find_key(HERE, {"HOUSE_KEY": " "}) == Key("of-ring", "keyring")


def test_login_keeps_it_in_the_keyring_and_logout_takes_it_away(ring: Ring) -> None:
    assert save_key("house", KEY) == "the system keyring"
    assert KEY not in key_file().read_text()
    assert has_key(HERE, {}) == "keyring"
    assert find_key(Places("house", always=False), {}) == Key(KEY, "keyring")
    assert forget_key("house") == ["the system keyring"]
    assert (forget_key("house"), find_key(HERE, {})) == ([], None)


def test_the_keyring_is_not_asked_for_a_server_that_needs_no_key(ring: Ring) -> None:
    ring.set_password("codexspark", "house", KEY)
    assert find_key(Places("house", always=False), {}) is None


@pytest.mark.usefixtures("no_ring")
def test_logout_takes_one_key_and_leaves_the_others() -> None:
    save_key("house", KEY)
    save_key("other", "k2")
    assert forget_key("house") == [str(key_file())]
    assert find_key(HERE, {}) is None
    assert find_key(Places("other"), {}) == Key("k2", str(key_file()))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import sys; sys.stderr.write('sk-secret'); sys.exit(3)", "exit code 3"),
        ("print()", "it is empty"),
        ("print('two words')", "holds no key"),
    ],
)
def test_a_key_command_that_fails_says_so_and_repeats_nothing(code: str, says: str) -> None:
    places = Places("house", command=(sys.executable, "-c", code))
    with pytest.raises((KeyMissing, UsageError)) as raised:
        find_key(places, {})
    error = raised.value
    assert says in error.title
    assert code not in error.title + error.detail + error.next_step
    assert "secret" not in error.title + error.detail


def test_a_key_command_runs_without_a_shell(tmp_path: Path) -> None:
    there = tmp_path / "made"
    code = "import sys; print(sys.argv[1].count(';'))"
    places = Places("house", command=(sys.executable, "-c", code, f"; touch {there}"))
    assert find_key(places, {}) == Key("1", "key_command")
    assert not there.exists()


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(KeyMissing) as raised:
        find_key(Places("house", command=("/no/such/program", "secret")), {})
    assert (raised.value.exit_code, "secret" in raised.value.title) == (4, False)


def test_a_key_is_in_no_repr() -> None:
    assert KEY not in repr(Key(KEY, "x"))
    assert KEY not in repr(Places("x", command=("echo", KEY)))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"house": 5}', b"\xff\xfe"])
@pytest.mark.usefixtures("no_ring")
def test_a_broken_file_holds_no_key_and_is_mended_by_login(content: bytes) -> None:
    key_file().parent.mkdir(parents=True)
    key_file().write_bytes(content)
    key_file().chmod(0o600)
    assert find_key(HERE, {}) is None
    save_key("house", KEY)
    assert find_key(HERE, {}) == Key(KEY, str(key_file()))
