"""The recordings that come with the package, and a recording by its name.

They were written by us and put into time by a script (bench/make_recordings.py); no model said
them. Each fits the repository of the demonstration.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.config import Config
from codexspark_tui.errors import UsageError
from codexspark_tui.providers.model import Provider
from codexspark_tui.providers.recording import Recorder, Recording
from codexspark_tui.providers.replay import ReplayProvider, load_recording

FOLDER = Path(__file__).parent.parent / "recordings"
PREFIX = "shipped:"
ALL = PREFIX + "all"


@dataclass(frozen=True, slots=True)
class Shipped:
    """`prompt`: what it answers."""

    name: str
    prompt: str

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.jsonl"


SHIPPED: tuple[Shipped, ...] = (
    Shipped("types", "add type hints to the shop"),
    Shipped("errors", "say what is wrong when shop.ini is missing or has a bad value"),
    Shipped("discount", "add discounts with a test, and document them"),
)


def recording_paths(folder: Path, named: str) -> tuple[Path, ...]:
    """The files of `--recording`: one seen from `folder`, shipped:NAME, or shipped:all."""
    if not named.startswith(PREFIX):
        return (folder / named,)
    found = tuple(s.path for s in SHIPPED if named in (ALL, PREFIX + s.name))
    if not found:
        known = ", ".join([*(PREFIX + shipped.name for shipped in SHIPPED), ALL])
        raise UsageError(f"there is no recording {named}", next_step=f"Shipped are {known}.")
    return found


def replay(config: Config, folder: Path) -> ReplayProvider:
    """The provider named replay; raises `UsageError` where the recording is missing."""
    if not config.text("recording"):
        raise UsageError(
            "the provider named replay needs a recording",
            next_step="Name one with --recording FILE; make one with --record FILE.",
        )
    speed = config.number("replay_speed")
    paths = recording_paths(folder, config.text("recording"))
    first, *others = (load_recording(path, speed) for path in paths)
    for other in others:
        first.answers += other.answers
    return first


def recorded(config: Config, folder: Path, provider: Provider) -> Provider:
    """The provider with a recorder around it."""
    return Recorder(provider, Recording(folder / config.text("record")))
