"""The one way to a model's server: `connect(endpoint)` gives a provider for it.

Nothing is opened, read or imported for the network until the provider is asked or warmed.
"""

from __future__ import annotations

from codexspark_tui.providers.endpoint import Endpoint, Timeouts
from codexspark_tui.providers.memory import PROCESS, Memory
from codexspark_tui.providers.model import Provider
from codexspark_tui.providers.served import Served

__all__ = ["PROCESS", "Endpoint", "Memory", "Provider", "Timeouts", "connect"]


def connect(endpoint: Endpoint, memory: Memory = PROCESS) -> Provider:
    """A provider for one model at one server; `memory` holds what was learned of hosts."""
    return Served(endpoint, memory)
