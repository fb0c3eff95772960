"""`spark models`, `login`, `logout`, `trust`: who answers, with which key, and who may say so."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import here
from codexspark_tui.actions.models import ConfiguredModels
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.cli import stdin
from codexspark_tui.cli.json_face import write_done, write_line
from codexspark_tui.cli.options import AsJson, argument, option
from codexspark_tui.cli.output import is_terminal, print_product, say
from codexspark_tui.cli.run import warn
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.errors import NeedsAnswer, NoRepository, UsageError, WriteFailed
from codexspark_tui.events.records import ModelListed
from codexspark_tui.git import discover

Server = Annotated[str, argument("SERVER", "A server of spark models: openai, xai, groq …")]


def models(
    probe: Annotated[
        bool, option("--probe", help="Ask each server now, for two seconds at most.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """The models that can be chosen with --model, with window, price, wire and key.

    Without --probe nothing is asked; what servers said in the last day is shown. A server on this
    machine is listed with its own models once it has answered.
    """
    from codexspark_tui.actions.model_list import listed

    rows = listed(_models(), ask=probe)
    if as_json:
        for row in rows:
            write_line(row)
        write_done()
        return 0
    width = max(len(row.name) for row in rows)
    for row in rows:
        print_product(f"{'*' if row.chosen else ' '} {row.name:{width}}  {_described(row)}\n")
    if not any(row.chosen for row in rows):
        say("spark: none is chosen, so the codemods answer; choose one with --model NAME")
    return 0


def _described(row: ModelListed) -> str:
    window = f"{row.window:,} tokens" if row.window else "window unknown"
    price = "price unknown"
    if row.input_price is not None:
        price = f"${row.input_price:g} in, ${row.output_price:g} out per million"
    key = f"key: {row.key}" if row.key else "no key" if row.needs_key else ""
    state = "" if row.answers is None else "answers" if row.answers else f"silent: {row.why}"
    return "  ".join(part for part in (window, row.wire, price, key, state) if part)


def _models() -> ConfiguredModels:
    config = settings.load(_root())
    warn(config)
    return ConfiguredModels(config, here())


def _root() -> Path | None:
    try:
        return discover(here()).root
    except NoRepository:
        return None


def login(server: Server) -> int:
    """Keep a server's key: in the system keyring, else in a file that only you can read.

    The key is typed without being shown, or piped in. The environment variable of a server, where
    it is set, goes first.
    """
    from codexspark_tui.providers.keys import save_key

    _known(server)
    key = _typed(server) if is_terminal(0) else stdin.text_of(stdin.read_all())
    try:
        where = save_key(server, key)
    except OSError as error:
        raise _not_kept(error) from error
    say(f"spark: the key of {server} is kept in {where}")
    return 0


def _typed(server: str) -> str:
    import getpass

    with Terminal.open():  # a sentence of ours where there is no terminal
        try:
            return getpass.getpass(f"Key of {server} (it is not shown): ")
        except EOFError:
            raise NeedsAnswer("no key was given", next_step="Type it, or pipe it in.") from None


def logout(server: Server) -> int:
    """Forget a server's key in keyring and file; exit 1 where there was none."""
    from codexspark_tui.providers.keys import forget_key

    try:
        gone = forget_key(server)
    except OSError as error:
        raise _not_kept(error) from error
    say(
        f"spark: the key of {server} is gone from {' and '.join(gone)}"
        if gone
        else f"spark: no key of {server} was kept"
    )
    return 0 if gone else 1


def _known(server: str) -> None:
    presets = _models().presets
    if server not in presets:
        raise UsageError(
            f"there is no server {server}",
            detail="Servers: " + ", ".join(presets),
            next_step="Add one with [providers.NAME] in your settings (docs/models.md).",
        )


def _not_kept(error: OSError) -> WriteFailed:
    return WriteFailed(
        f"the keys cannot be written: {(error.strerror or str(error)).lower()}",
        next_step="Set XDG_CONFIG_HOME to a folder that can be written.",
    )


def trust(
    show: Annotated[bool, option("--list", help="List what you have said up to now.")] = False,
    revoke: Annotated[
        bool, option("--revoke", help="Take back all of it for this repository.")
    ] = False,
) -> int:
    """Let this repository's .spark/config.toml set everything, and use its commands, as they are.

    Without it a repository may not choose servers, keys, limits or anything that runs, and its
    .spark/commands/*.md are not taken as /name. A file that changes later must be trusted again.
    """
    from codexspark_tui import allowed
    from codexspark_tui.actions import trust as trusting

    if show:
        for known in trusting.every():
            says = "trusted" if known.trusted else "not trusted"
            changed = ", but it has changed since" if known.changed else ""
            print_product(f"{known.path}: {says}{changed}\n")
        for one in allowed.listed():
            print_product(f"{one.root}: always runs “{one.prefix} …”\n")
        return 0
    root = discover(here()).root
    if revoke:
        commands = trusting.revoke_commands(root)
        taken = trusting.revoke(root) or commands > 0
        say("spark: taken back" if taken else "spark: nothing was said of this repository")
        return 0 if taken else 1
    from codexspark_tui.actions.own_commands import repository_commands

    config = settings.load(root)
    with closing(open_workspace(root)) as workspace:
        own = repository_commands(workspace)
    wishes = trusting.wishes(root, config, own)
    trusting.decide(config, trusted=True)
    for command in own:
        if not command.trusted:
            trusting.trust_command(command)
            wishes.append(f"/{command.name} stands for {command.origin}")
    for wish in wishes:
        say(f"  {wish}")
    for warning in config.warnings:
        if "cannot be read" in warning:  # a file that says nothing was not said yes to
            say(f"spark: {warning}")
    say("spark: trusted, as it is now" if wishes else "spark: it sets nothing that needs trust now")
    return 0


COMMANDS = {"models": models, "login": login, "logout": logout, "trust": trust}
