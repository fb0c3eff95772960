"""Which model answers: from the settings to a provider, and what there is beside it.

    models = ConfiguredModels(config, folder)
    provider = models.open(models.chosen())

A model has a name of the form SERVER/MODEL; "codemods" and "script" are names, too. The setting of
the higher layer wins where `provider` and `model` say different things. With neither set,
`loop_fast` answers, and without that the codemods: a key that lies in the environment is never
used without being asked to.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.config import REPOSITORY_FILE, Config
from codexspark_tui.errors import KeyMissing, ProviderError, UsageError
from codexspark_tui.providers.model import Provider
from codexspark_tui.session.models import TurnLimits

if TYPE_CHECKING:
    from codexspark_tui.providers.keys import Places
    from codexspark_tui.providers.presets import Model, Preset
    from codexspark_tui.providers.wire import Object

BUILT_IN = ("codemods", "script", "replay")
KEY_KEPT_S = 300.0
ROTATE_BEFORE_S = 60.0


def answers_by_codemods(config: Config) -> bool:
    """Whether the settings choose no model, so that the codemods answer."""
    return ConfiguredModels(config, Path()).chosen() == "codemods"


class ConfiguredModels:
    """The models of the settings, as a session knows them (session/models.py)."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._folder = folder

    @cached_property
    def presets(self) -> dict[str, Preset]:
        """All servers by name. Raises `UsageError` for what is wrong in the settings."""
        from codexspark_tui.providers.presets import overlaid, shipped

        made = shipped()
        for origin, tables in self._config.providers:
            made = overlaid(made, tables, origin)
        return made

    def chosen(self) -> str:
        """The name that the settings choose. Raises `UsageError` for one that means nothing."""
        provider, model = self._config.text("provider"), self._config.text("model")
        if self._names_none and self._config.text("loop_fast"):
            return self._full(self._config.text("loop_fast"))
        if not model or self._layer("provider") > self._layer("model"):
            if "/" in provider or provider in BUILT_IN:
                return self._full(provider)
            if model.startswith(f"{provider}/"):
                return model
            return self._full(provider)
        return self._full(model, provider)

    @property
    def _names_none(self) -> bool:
        """Whether no layer names a model or a provider."""
        return not self._layer("provider") and not self._layer("model")

    def _full(self, name: str, provider: str = "") -> str:
        """A name with its server, from one that may be a server or a model alone."""
        server, slash, model = name.partition("/")
        if name in BUILT_IN or (slash and model and server in self.presets):
            return name
        if name in self.presets:
            return f"{name}/{self._first_model(self.presets[name])}"
        if provider in self.presets:
            return f"{provider}/{name}"
        known = [p.name for p in self.presets.values() if any(m.id == name for m in p.models)]
        if len(known) == 1:
            return f"{known[0]}/{name}"
        raise UsageError(
            f"there is no provider or model {name}",
            detail="There are: " + ", ".join((*BUILT_IN, *self.presets)),
            next_step="Name a model as SERVER/MODEL; spark models lists them.",
        )

    def _layer(self, key: str) -> int:
        """The rank of the layer that a setting comes from."""
        origin = self._config.found[key].origin
        if origin.startswith("--"):
            return 4
        if origin.startswith("$"):
            return 3
        return 0 if origin == "built in" else 1 + origin.endswith(REPOSITORY_FILE)

    def _first_model(self, preset: Preset) -> str:
        if preset.models:
            return preset.models[0].id
        if preset.local:
            from codexspark_tui.providers.probe import Target, probe

            (told,) = probe([Target(preset.base_url, self.found_key(preset), preset.ca_file)])
            if told.models:
                return told.models[0].id
            why = told.why or "it offers no model"
            raise ProviderError(
                f"{preset.title or preset.name} at {preset.base_url} does not help: {why}",
                next_step="Start it, or name another one with --model (spark models --probe).",
            )
        raise UsageError(
            f"which model of {preset.title or preset.name} is not said",
            next_step=f"Name it: --model {preset.name}/MODEL",
        )

    # -- what a session asks -------------------------------------------------------------------

    def facts(self, name: str) -> Model:
        """What is known of the model with this name."""
        from codexspark_tui.providers.presets import Model

        server, _, id = name.partition("/")
        if not id or server not in self.presets:
            return Model(name)
        return self.presets[server].model(id)

    def names(self) -> tuple[str, ...]:
        """The codemods, the models of servers whose key is at hand, and local ones that were heard
        lately."""
        from codexspark_tui.actions.model_list import listed

        rows = [row for row in listed(self) if row.listed]
        usable = [row.name for row in rows if row.key or row.chosen or row.answers]
        return ("codemods", *usable)

    def after(self, name: str) -> tuple[str, ...]:
        server, _, id = name.partition("/")
        if server not in self.presets:
            return ()
        return tuple(f"{server}/{other}" for other in self.presets[server].after(id))

    def open(self, name: str) -> Provider:
        """A provider. Raises `KeyMissing` or `UsageError`; connects nothing."""
        if name in BUILT_IN:
            return _built_in(name, self._config, self._folder)
        name = self._full(name)
        server, _, id = name.partition("/")
        return _connected(name, self.presets[server], id, self.places(self.presets[server]))

    # -- keys ----------------------------------------------------------------------------------

    def places(self, preset: Preset) -> Places:
        """Where to look for the key of a server; --key-command is for the one that is chosen."""
        from codexspark_tui.providers.keys import Places

        command = preset.key_command
        given = self._config.text("key_command")
        if given and self._is_for(preset):
            import shlex

            try:
                command = tuple(shlex.split(given))
            except ValueError as error:
                raise UsageError(f"the key command cannot be read: {error}") from None
        return Places(preset.name, preset.key_variable, command, always=not preset.local)

    def _is_for(self, preset: Preset) -> bool:
        """Whether the settings name this server."""
        named = (self._config.text("model"), self._config.text("provider"))
        if self._names_none:
            named = (self._config.text("loop_fast"), named[1])
        servers = {text.partition("/")[0] for text in named} & set(self.presets)
        return preset.name in servers or (
            not servers and any(model.id == named[0] for model in preset.models)
        )

    def found_key(self, preset: Preset) -> str:
        """The key, or "" for none."""
        from codexspark_tui.providers.keys import find_key

        found = find_key(self.places(preset))
        return found.value if found else ""


def limits_of(config: Config) -> TurnLimits:
    """The limits on a turn that the settings give."""
    return TurnLimits(
        config.number("max_cost"), int(config.number("max_tokens")), config.number("timeout")
    )


def keys_at_hand(models: ConfiguredModels) -> list[str]:
    """Models whose key is in the environment, as names for --model."""
    return [
        f"{preset.name}/{preset.models[0].id if preset.models else 'MODEL'}"
        for preset in models.presets.values()
        if preset.key_variable and os.environ.get(preset.key_variable, "").strip()
    ]


def _built_in(name: str, config: Config, folder: Path) -> Provider:
    if name == "codemods":
        from codexspark_tui.actions.codemod_provider import CodemodProvider

        timeout_s, mentions = config.number("codemod_timeout"), config.is_on("mentions")
        connect = ConnectHint(config, folder)
        return CodemodProvider(folder, None, timeout_s, mentions, hint=connect)
    if name == "replay":
        from codexspark_tui.actions.recordings import replay

        return replay(config, folder)
    from codexspark_tui.providers.scripted import load_script

    if not config.text("script"):
        raise UsageError(
            "the provider named script needs a script", next_step="Name one with --script FILE."
        )
    return load_script(folder / config.text("script"))


@dataclass(frozen=True, slots=True)
class ConnectHint:
    """How to connect a model, for somebody whose sentence no codemod understood."""

    config: Config
    folder: Path

    def __call__(self) -> str:
        ready = keys_at_hand(ConfiguredModels(self.config, self.folder))
        if ready:
            return (
                f"There is a key in the environment: --model {ready[0]} lets that model answer "
                "(SPARK_MODEL, or model in the settings, for good)."
            )
        return (
            "To connect a model: spark login openai, then --model openai (or ollama, for one on "
            "this machine); spark models lists what there is."
        )


# -- connecting ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _KeyOf:
    """The key of a server, asked for again when it may have run out."""

    places: Places
    title: str
    required: bool
    _value: str = field(default="", repr=False)
    _until: float = 0.0

    def __call__(self) -> str:
        if time.monotonic() >= self._until:
            from codexspark_tui.providers.keys import find_key

            found = find_key(self.places)
            if found is None and self.required:
                raise KeyMissing(
                    f"there is no key for {self.title}", next_step=_how_to_give(self.places)
                )
            self._value = found.value if found else ""
            self._until = time.monotonic() + KEY_KEPT_S
        return self._value


def _how_to_give(places: Places) -> str:
    by_login = f"spark login {places.name}"
    return f"Set {places.variable}, or: {by_login}" if places.variable else f"Give it: {by_login}"


def _connected(name: str, preset: Preset, id: str, places: Places) -> Provider:
    if "{" in preset.base_url:
        raise UsageError(
            f"the address of {preset.title or preset.name} is not complete: {preset.base_url}",
            next_step=f"Set base_url in [providers.{preset.name}] of the settings.",
        )
    model = preset.model(id)
    key = _KeyOf(
        places, preset.title or preset.name, bool(preset.key_variable) and not preset.local
    )
    key()
    from codexspark_tui.providers.connect import Endpoint, connect  # for who has a key

    endpoint = Endpoint(
        name,
        preset.base_url,
        id,
        wire=preset.wire,
        websocket="auto" if preset.websocket else "never",
        key=key,
        headers=dict(preset.headers),
        window=model.window or _heard_window(preset, id),
        images=model.images is not False,
        refuses=frozenset(model.refuses),
        parameters=_parameters(preset, model),
        stores=preset.stores,
        warm_up=preset.warm_up,
        max_connection_s=_connection_s(preset),
        prediction=model.prediction,
        ca_file=preset.ca_file,
    )
    return connect(endpoint)


def _parameters(preset: Preset, model: Model) -> Object:
    """More fields of a request, in the words of its wire."""
    made: Object = {}
    if model.service_tier:
        made["service_tier"] = model.service_tier
    if model.effort and preset.wire == "chat":
        made["reasoning_effort"] = model.effort
    elif model.effort:
        made["reasoning"] = {"effort": model.effort}
    return made


def _connection_s(preset: Preset) -> float:
    minutes = preset.connection_minutes or 60.0
    return max(30.0, minutes * 60 - max(ROTATE_BEFORE_S, minutes * 5))


def _heard_window(preset: Preset, id: str) -> int | None:
    """The window that a server on this machine told us lately."""
    if not preset.local:
        return None
    from codexspark_tui.providers.probe import heard

    told = (p for p in heard() if p.base_url == preset.base_url)
    return next((m.window for p in told for m in p.models if m.id == id), None)
