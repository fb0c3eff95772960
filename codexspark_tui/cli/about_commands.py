"""`spark codemods`, `config`, `completion`, `schema`: what the tool says of itself."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import here
from codexspark_tui.cli.json_face import write_done, write_line
from codexspark_tui.cli.options import AsJson, argument
from codexspark_tui.cli.output import print_product, say
from codexspark_tui.errors import NoRepository
from codexspark_tui.events.records import CodemodListed, SettingInForce
from codexspark_tui.git import discover
from codexspark_tui.setting_list import SETTINGS


def codemods(as_json: AsJson = False) -> None:
    """What can be done without a model: each codemod as a command and as a sentence."""
    from codexspark_tui.codemods.registry import CODEMODS

    if as_json:
        for i in CODEMODS:
            write_line(
                CodemodListed(i.name, i.summary, i.command_example, i.sentence_example, i.library)
            )
        write_done()
        return
    for info in CODEMODS:
        print_product(
            f"{info.name}: {info.summary} ({info.library})\n"
            f"    {info.command_example}\n"
            f'    spark edit "{info.sentence_example}"\n'
        )


def _config() -> None:
    """The settings in force, and where they come from."""


def config_list(
    show_origin: Annotated[
        bool, typer.Option("--show-origin", help="Say which layer each value comes from.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """All settings and their values.

    Layers: built in, then the user's file, then the repository's .spark/config.toml, then SPARK_*
    variables, then flags.
    """
    try:
        root = discover(here()).root
    except NoRepository:
        root = None
    config = settings.load(root)
    for warning in config.warnings:
        say(f"spark: {warning}")
    for setting in SETTINGS:
        found = config.found[setting.key]
        if as_json:
            write_line(SettingInForce(setting.key, found.value, found.origin, setting.help))
            continue
        value = json.dumps(found.value, ensure_ascii=False)
        origin = f"{found.origin}\t" if show_origin else ""
        print_product(f"{origin}{setting.key} = {value}\n")
    if as_json:
        write_done()


def _config_group() -> typer.Typer:
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=False)
    group.callback()(_config)
    group.command("list", short_help="All settings and their values.")(config_list)
    return group


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], argument("SHELL", "bash, zsh or fish.")],
) -> None:
    """Print the completion script of a shell, for its start-up file."""
    from typer import completion as typer_completion

    script = typer_completion.get_completion_script(  # type: ignore[attr-defined]
        prog_name="spark", complete_var="_SPARK_COMPLETE", shell=shell
    )
    print_product(script + "\n")


def schema(
    what: Annotated[
        Literal["events", "commands"], argument("WHAT", "events (the default) or commands.")
    ] = "events",
) -> None:
    """Print the JSON Schema of the lines of --json (events), or of what a session takes."""
    from codexspark_tui.events import codec

    made = codec.schema() if what == "events" else codec.command_schema()
    print_product(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


COMMANDS = {
    "codemods": codemods,
    "config": _config_group(),
    "completion": completion,
    "schema": schema,
}
