"""What one server grants: sizes, numbers and times. The numbers of a WebSocket are OpenAI's."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    `active` answers run at once in the whole server and `queued` more wait for their turn. A
    WebSocket has `lane_active` of them, `lanes` named lanes and `lane_queued` waiting requests.
    `held_bytes` bounds the requests that are being read, wait or are answered, all together.
    `kept_bytes` and `kept` bound the conversations that can be continued, all together;
    `conversation_bytes` bounds one. `send_s`: how long a client may take nothing of what is sent.
    `quiet_s`: after so long without an event a stream gets a comment, so that no proxy closes it.
    """

    message_bytes: int = 16 * MIB
    connections: int = 256
    active: int = 64
    queued: int = 256
    lane_active: int = 16
    lane_queued: int = 64
    lanes: int = 32
    held_bytes: int = 256 * MIB
    kept: int = 1024
    kept_bytes: int = 256 * MIB
    conversation_bytes: int = 32 * MIB
    input_items: int = 20_000
    idle_providers: int = 32
    answer_s: float = 600.0
    connection_s: float = 3600.0
    header_s: float = 10.0
    body_s: float = 60.0
    send_s: float = 30.0
    quiet_s: float = 15.0
    grace_s: float = 10.0
