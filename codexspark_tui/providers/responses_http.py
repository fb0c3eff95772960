"""The Responses API over HTTPS: every request holds the whole conversation."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from codexspark_tui.providers.answer import Answer
from codexspark_tui.providers.call import Call, authorized
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.hints import told_limits
from codexspark_tui.providers.http import Http, Reply
from codexspark_tui.providers.model import ModelEvent
from codexspark_tui.providers.responses import created, fields_of
from codexspark_tui.providers.trouble import Trouble, dropped, refused
from codexspark_tui.providers.wire import (
    NotJson,
    ServerEvent,
    beginning,
    read_events,
    read_object,
    to_json,
)

TRANSPORT = "https"
NO_SUCH_PATH = (404, 405, 501)


@dataclass(slots=True)
class ResponsesHttp:
    endpoint: Endpoint
    http: Http

    async def attempt(self, call: Call) -> AsyncGenerator[ModelEvent, None]:
        fields = fields_of(self.endpoint, call.request, call.refused) | {"stream": True}
        body = to_json(created(fields, call.request.items))
        headers = await authorized(self.endpoint)
        answer = Answer(transport_of(self.endpoint, TRANSPORT))
        try:
            async with self.http.post("responses", headers, body, call.clock) as reply:
                if limits := told_limits(reply.headers):
                    yield limits
                async with aclosing(_events(reply)) as batches:
                    async for events in batches:
                        for made in answer.read(events):
                            yield made
                        if answer.trouble is not None:
                            raise answer.trouble
                        if answer.finished:
                            return
        except Trouble as trouble:
            if trouble.status in NO_SUCH_PATH and trouble.remedy in ("stop", "wait"):
                trouble.remedy = "chat"
            raise
        raise dropped("ended the answer in the middle of it")


def transport_of(endpoint: Endpoint, name: str) -> str:
    """The name of a transport, honest about whether it is encrypted."""
    secure = endpoint.base_url.lower().startswith("https:")
    return name if secure else name.replace("https", "http")


async def _events(reply: Reply) -> AsyncGenerator[list[ServerEvent], None]:
    """The events of a reply; a whole response in one piece is taken as its last event."""
    if not reply.streams:
        yield [_whole(await reply.body())]
        return
    async with aclosing(reply.events()) as batches:
        async for batch in batches:
            yield read_events(batch)


def _whole(body: bytes) -> ServerEvent:
    try:
        found = read_object(body)
    except NotJson as error:
        raise dropped(f"sent what is no JSON: {beginning(body)}") from error
    if found.get("error"):
        raise refused(None, found)
    status = found.get("status")
    kind = status if status in ("incomplete", "failed", "cancelled") else "completed"
    return ServerEvent(type=f"response.{kind}", response=found)
