"""`spark codemods`, `config`, `completion`, `schema`: what the tool says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import typer

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import here
from codexspark_tui.cli.app import shown_names
from codexspark_tui.cli.options import option
from codexspark_tui.cli.output import print_product, say
from codexspark_tui.errors import NoRepository
from codexspark_tui.git import discover

AsJson = Annotated[bool, option("--json", help="Print JSON.")]


def register(app: typer.Typer, names: Sequence[str]) -> None:
    own: dict[str, Callable[..., None]] = {
        "codemods": codemods,
        "completion": completion,
        "schema": schema,
    }
    for name in shown_names(names, list(own)):
        app.command(name)(own[name])
    if "config" in names:
        group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
        group.callback()(_config)
        group.command("list")(config_list)
        app.add_typer(group, name="config", help="The settings in force.")


def codemods(as_json: AsJson = False) -> None:
    """What can be done without a model: each codemod as a command and as a sentence."""
    from codexspark_tui.codemods.registry import CODEMODS

    if as_json:
        fields = ("name", "summary", "command_example", "sentence_example", "library")
        for info in CODEMODS:
            line = {name: getattr(info, name) for name in fields}
            print_product(json.dumps(line, ensure_ascii=False) + "\n")
        return
    for info in CODEMODS:
        print_product(
            f"{info.name}: {info.summary} ({info.library})\n"
            f"    {info.command_example}\n"
            f'    spark edit "{info.sentence_example}"\n'
        )


def _config() -> None:
    """The settings in force."""


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
    for setting in settings.SETTINGS:
        found = config.found[setting.key]
        if as_json:
            line = {"key": setting.key, "value": found.value, "origin": found.origin}
            print_product(json.dumps(line | {"help": setting.help}, ensure_ascii=False) + "\n")
            continue
        value = json.dumps(found.value, ensure_ascii=False)
        origin = f"{found.origin}\t" if show_origin else ""
        print_product(f"{origin}{setting.key} = {value}\n")


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="Your shell.")],
) -> None:
    """Print the completion script of a shell; for bash: eval "$(spark completion bash)"."""
    from typer import completion as typer_completion

    script = typer_completion.get_completion_script(  # type: ignore[attr-defined]
        prog_name="spark", complete_var="_SPARK_COMPLETE", shell=shell
    )
    print_product(script + "\n")


def schema(
    what: Annotated[
        Literal["events", "commands"], typer.Argument(help="What to describe.")
    ] = "events",
) -> None:
    """Print the JSON Schema of the lines of --json (events), or of what a session takes."""
    from codexspark_tui.events import codec

    made = codec.schema() if what == "events" else codec.command_schema()
    print_product(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
