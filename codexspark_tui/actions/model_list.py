"""What `spark models` lists: every model that is known by name, and what servers told us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codexspark_tui.actions.models import ConfiguredModels
from codexspark_tui.errors import KeyMissing, SparkError
from codexspark_tui.events.records import ModelListed
from codexspark_tui.providers.keys import has_key
from codexspark_tui.providers.probe import Probed, Target, heard, probe

if TYPE_CHECKING:
    from codexspark_tui.providers.presets import Preset


def listed(models: ConfiguredModels, *, ask: bool = False) -> list[ModelListed]:
    """All models, server by server. `ask`: each server that has a key or needs none is asked now
    (two seconds at most); else what was heard in the last day is told."""
    told = _asked(models) if ask else {probed.base_url: probed for probed in heard()}
    try:
        chosen = models.chosen()
    except SparkError:
        chosen = ""
    rows = []
    for preset in models.presets.values():
        rows += _rows(models, preset, told.get(preset.base_url), chosen)
    return rows


def _asked(models: ConfiguredModels) -> dict[str, Probed]:
    targets = []
    for preset in models.presets.values():
        if "{" in preset.base_url:
            continue
        try:
            key = models.found_key(preset)
        except KeyMissing:
            continue
        if key or preset.local or not preset.key_variable:
            targets.append(Target(preset.base_url, key, preset.ca_file))
    return {probed.base_url: probed for probed in probe(targets)}


def _rows(
    models: ConfiguredModels, preset: Preset, told: Probed | None, chosen: str
) -> list[ModelListed]:
    windows = {model.id: model.window for model in told.models} if told else {}
    known = [model.id for model in preset.models]
    other = [id for id in windows if id not in known]
    if preset.models and not preset.local:
        other = []  # a service lists hundreds; what is not ours to recommend is not listed
    ids = [*known, *other] or ["MODEL"]
    key = has_key(models.places(preset))
    rows = []
    for id in ids:
        model = preset.model(id)
        prices = model.prices
        rows.append(
            ModelListed(
                f"{preset.name}/{id}",
                preset.title or preset.name,
                preset.base_url,
                preset.wire,
                chosen=chosen == f"{preset.name}/{id}",
                listed=id != "MODEL",
                window=model.window or windows.get(id),
                images=model.images,
                edit_format=model.edit_format,
                input_price=prices.input if prices else None,
                cached_price=prices.cached if prices else None,
                output_price=prices.output if prices else None,
                key=key,
                needs_key=bool(preset.key_variable) and not preset.local,
                answers=told.answers if told else None,
                why=told.why if told else "",
            )
        )
    return rows
