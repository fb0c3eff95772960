"""A small real repository to try things on, and what the demonstration does in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codexspark_tui.git import make_repository

PROMPTS: tuple[str, ...] = (
    "rename the function load_settings to read_settings",
    "remove unused imports and sort the imports",
)

FILES: dict[str, str] = {
    "README.md": "# shop\n\nCall `load_settings()` first; it reads shop.ini.\n",
    "shop.ini": "[shop]\ncurrency = EUR\nrounding = 2\n",
    "shop/__init__.py": '''"""A very small shop."""

from shop.settings import load_settings

__all__ = ["load_settings"]
''',
    "shop/settings.py": '''"""Where the shop keeps its settings."""

import os
import sys
import configparser
from pathlib import Path


def load_settings(path=Path("shop.ini")):
    """Settings of the shop as a dict."""
    parser = configparser.ConfigParser()
    parser.read(path)
    return dict(parser["shop"])
''',
    "shop/prices.py": '''"""Prices with their currency."""

import json
from shop.settings import load_settings
from decimal import Decimal


def price(amount):
    """An amount as text, rounded as load_settings says."""
    settings = load_settings()
    rounded = round(Decimal(amount), int(settings["rounding"]))
    return f"{rounded} {settings['currency']}"
''',
    "tests/test_prices.py": """from shop import load_settings
from shop.prices import price


def test_price_has_the_currency():
    assert price("12.345").endswith(load_settings()["currency"])
""",
}


@contextmanager
def demo_repository(keep: bool = False) -> Iterator[Path]:
    """The root of a new repository in a temporary folder, removed afterwards unless `keep`."""
    folder = Path(tempfile.mkdtemp(prefix="spark-demo-"))
    root = folder / "shop"
    try:
        root.mkdir()
        make_repository(root, FILES, "A very small shop")
        yield root
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def is_as_committed(root: Path) -> bool:
    """Whether every file of the demonstration has its first content again."""
    return all((root / name).read_bytes() == text.encode() for name, text in FILES.items())
