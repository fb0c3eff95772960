"""Chat completions over HTTPS."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from codexspark_tui.providers.call import Call, authorized
from codexspark_tui.providers.chat import chat_body, free_tools
from codexspark_tui.providers.chat_answer import ChatAnswer
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.hints import told_limits
from codexspark_tui.providers.http import Http, Reply
from codexspark_tui.providers.model import ModelEvent, TextDelta
from codexspark_tui.providers.responses_http import transport_of
from codexspark_tui.providers.trouble import dropped
from codexspark_tui.providers.wire import NotJson, Object, read_object, to_json

TRANSPORT = "chat, https"


@dataclass(slots=True)
class ChatHttp:
    endpoint: Endpoint
    http: Http

    async def attempt(self, call: Call) -> AsyncGenerator[ModelEvent, None]:
        """One answer. It is over when the stream is; one that stops before the server has said why
        is a lost connection."""
        body = to_json(chat_body(self.endpoint, call.request, call.refused))
        headers = await authorized(self.endpoint)
        transport = transport_of(self.endpoint, TRANSPORT)
        answer = ChatAnswer(transport, free_tools(call.request.tools))
        async with self.http.post("chat/completions", headers, body, call.clock) as reply:
            if limits := told_limits(reply.headers):
                yield limits
            async with aclosing(_chunks(reply)) as batches:
                async for chunks in batches:
                    for event in _read(answer, chunks):
                        yield event
                    if answer.trouble is not None:
                        raise answer.trouble
        if not answer.ended:
            raise dropped("ended the answer in the middle of it")
        for event in answer.end():
            yield event


def _read(answer: ChatAnswer, chunks: list[Object]) -> list[ModelEvent]:
    """The events of chunks that came together, neighbouring texts joined."""
    made: list[ModelEvent] = []
    for chunk in chunks:
        for event in answer.read(chunk):
            last = made[-1] if made else None
            if isinstance(event, TextDelta) and isinstance(last, TextDelta):
                made[-1] = TextDelta(last.text + event.text)
            else:
                made.append(event)
        if answer.trouble is not None:
            break
    return made


async def _chunks(reply: Reply) -> AsyncGenerator[list[Object], None]:
    if not reply.streams:
        yield [_object(await reply.body())]
        return
    async with aclosing(reply.events()) as batches:
        async for batch in batches:
            yield [_object(data) for data in batch]


def _object(data: bytes) -> Object:
    """A chunk; what is none stands as an error in its place."""
    try:
        return read_object(data)
    except NotJson as error:
        told = {"code": "server_error", "message": f"sent what is no JSON: {error}"}
        return {"error": told}
