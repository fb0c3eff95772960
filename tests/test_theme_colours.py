"""All text of a shipped theme is legible where it is drawn, and colours stay apart for all eyes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from codexspark_tui.themes import (
    DEFAULT,
    DRAWN_ON,
    FALLBACKS,
    ROLES,
    Finding,
    Theme,
    check_contrast,
    contrast,
    load_all,
)

SHIPPED = tuple(load_all(Path("/nonexistent")).themes)
BACKGROUNDS = {on for backgrounds in DRAWN_ON.values() for on in backgrounds}
STATES = ("writing", "placed", "ambiguous", "refused", "accepted", "rejected", "stale", "undone")

Linear = tuple[float, float, float]

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation
# of Color Vision Deficiency", IEEE TVCG 15 (2009), severity 1.0; for linear RGB.
EYES: dict[str, tuple[Linear, Linear, Linear]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# sRGB to CIE XYZ (IEC 61966-2-1), each row divided by the white point D65.
TO_XYZ = (
    (0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505),
    (0.2126, 0.7152, 0.0722),
    (0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089),
)


def shipped(name: str) -> Theme:
    return load_all(Path("/nonexistent")).themes[name]


def difference(a: str, b: str, eyes: str) -> float:
    """CIE 1976 colour difference (ΔE*ab; about 2.3 is just noticeable) as those eyes see it."""
    return math.dist(_lab(a, eyes), _lab(b, eyes))


def _lab(colour: str, eyes: str) -> Linear:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4) for c in channels]
    seen = [min(1.0, max(0.0, c)) for c in _times(EYES[eyes], linear)]
    x, y, z = (c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in _times(TO_XYZ, seen))
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def _times(matrix: Iterable[Linear], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


@pytest.mark.parametrize("name", SHIPPED)
def test_all_text_is_legible_on_all_that_it_is_drawn_on(name: str) -> None:
    assert [str(finding) for finding in check_contrast(shipped(name))] == []


def test_the_high_contrast_theme_keeps_the_enhanced_ratio() -> None:
    assert [str(finding) for finding in check_contrast(shipped("spark-contrast"), 7)] == []
    assert contrast(shipped("spark-contrast").colours["border"], "#000") >= 7


def test_every_role_is_text_or_a_background_or_the_border() -> None:
    assert set(DRAWN_ON) | BACKGROUNDS | {"border"} == set(ROLES)
    assert set(DRAWN_ON) & BACKGROUNDS == {"accent"}
    assert set(FALLBACKS) <= set(ROLES)
    assert set(FALLBACKS.values()).isdisjoint(FALLBACKS)


@pytest.mark.parametrize("name", SHIPPED)
def test_rows_differ_from_the_page_and_from_each_other(name: str) -> None:
    colours = shipped(name).colours
    rows = ["background", "cursor", "selection", "added_background", "removed_background"]
    pairs = combinations([*rows, "added_word", "removed_word"], 2)
    alike = [(a, b) for a, b in pairs if difference(colours[a], colours[b], "normal") < 7]
    assert alike == []


@pytest.mark.parametrize("eyes", EYES)
def test_added_and_removed_stay_apart_for_colour_blind_eyes(eyes: str) -> None:
    colours = shipped("spark-colorblind").colours
    pairs = {
        ("added", "removed"): 40,
        ("added_background", "removed_background"): 20,
        ("added_word", "removed_word"): 30,
        ("accepted", "rejected"): 25,
        ("accepted", "refused"): 40,
        ("success", "error"): 40,
    }
    seen = {pair: difference(colours[pair[0]], colours[pair[1]], eyes) for pair in pairs}
    assert {pair: round(seen[pair]) for pair in pairs if seen[pair] < pairs[pair]} == {}


@pytest.mark.parametrize("eyes", ["normal", "deuteranopia", "protanopia"])
def test_any_two_states_stay_apart_for_colour_blind_eyes(eyes: str) -> None:
    colours = shipped("spark-colorblind").colours
    seen = {(a, b): difference(colours[a], colours[b], eyes) for a, b in combinations(STATES, 2)}
    assert {pair: round(seen[pair]) for pair in seen if seen[pair] < 12} == {}


@pytest.mark.parametrize(
    ("eyes", "green", "red"),
    [("deuteranopia", "#6f8f1f", "#a87a24"), ("protanopia", "#6f8f1f", "#c88418")],
)
def test_the_simulated_eyes_do_mix_up_green_and_red(eyes: str, green: str, red: str) -> None:
    assert difference(green, red, "normal") > 25
    assert difference(green, red, eyes) < 12


@pytest.mark.parametrize(
    ("a", "b", "ratio"),
    [
        ("#000", "#fff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#abc", "#aabbcc", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#FFFFFF", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ffffff", 4.0),
        ("#00ff00", "#ffffff", 1.37),
    ],
)
def test_contrast_is_the_one_of_wcag(a: str, b: str, ratio: float) -> None:
    assert round(contrast(a, b), 2) == ratio


@pytest.mark.parametrize("text", ["", "#", "fff", "#ff", "#ffff", "#fffff", "#ggg", "red", "#٣٣٣"])
def test_contrast_of_what_is_no_colour_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is no colour"):
        contrast("#000", text)


def test_each_pair_that_is_too_faint_is_found() -> None:
    theme = shipped(DEFAULT)
    faint = dict(theme.colours, accent_text=theme.colours["accent"])
    found = check_contrast(replace(theme, colours=faint))
    assert found == (Finding("accent_text", "accent", 1.0, 4.5),)
    assert str(found[0]) == "accent_text on accent: contrast 1.00, needed 4.5"
