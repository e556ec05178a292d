"""The webhook refuses strangers by their header, waits for nobody long, and logs nothing that was sent."""

import asyncio
import json

import pytest
from telegram import Bot

from bot.adapters.telegram import webhook
from bot.adapters.telegram.webhook import MOST_BYTES, MOST_CONNECTIONS, Webhook

SECRET = "the-secret"  # noqa: S105 - opens nothing


@pytest.fixture
async def opened(unused_tcp_port):
    """Return what was taken, and the port that is listened to; the limits are those of the test."""
    taken = []

    async def take(update):
        taken.append(update)

    server = Webhook("hook", SECRET, Bot("123456:x"), take)
    server.listen("127.0.0.1", unused_tcp_port)
    yield taken, unused_tcp_port
    await server.close()


def head(length, secret=SECRET, path="/hook"):
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n\r\n"
    ).encode()


async def posted(port, body, **more):
    """Send a request; return the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head(len(body), **more) + body)
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return int(line.split()[1])


def update(number=1):
    message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "x"}
    return json.dumps({"update_id": number, "message": message}).encode()


async def test_an_update_with_the_secret_is_taken(opened):
    taken, port = opened
    assert await posted(port, update(5)) == 200
    assert [one.update_id for one in taken] == [5]


@pytest.mark.parametrize("secret", ["", "wrong", "the-secre", "the-secret2", "\xff"])
async def test_a_body_without_the_secret_is_refused_before_it_is_read(opened, secret):
    taken, port = opened
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head(90 << 20, secret=secret))
    assert b" 403 " in await asyncio.wait_for(reader.readline(), 5)
    assert await accepted(writer, 90 << 20) < 8 << 20, "what fits into buffers of the system"
    assert taken == []


async def accepted(writer, most):
    """Send up to `most` bytes; return how many were taken before the other side hung up."""
    for sent in range(0, most, 1 << 16):
        try:
            writer.write(b" " * (1 << 16))
            await asyncio.wait_for(writer.drain(), 5)
        except ConnectionError:
            return sent
    return most


async def test_even_with_the_secret_a_body_has_an_end(opened):
    taken, port = opened
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head(MOST_BYTES + 1))
    assert b" 200 " not in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert taken == []


async def test_of_many_slow_strangers_few_stay_and_telegram_comes_through(opened):
    taken, port = opened
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
    for _, writer in streams:
        writer.write(b"POST /hook HT")
    assert await asyncio.wait_for(posted(port, update(6)), 5) == 200
    assert [one.update_id for one in taken] == [6]
    assert len(await closed(streams)) >= 200 - MOST_CONNECTIONS
    for _, writer in streams:
        writer.close()


async def closed(streams):
    async def is_closed(reader):
        try:
            return not await asyncio.wait_for(reader.read(1), 0.5)
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    return [there for there in await asyncio.gather(*(is_closed(reader) for reader, _ in streams)) if there]


@pytest.mark.parametrize("sent", [b"POST /hook HT", head(1000) + b"{"])
async def test_who_sends_nothing_more_is_hung_up_on(monkeypatch, unused_tcp_port, sent):
    monkeypatch.setattr(webhook, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.2)
    server = Webhook("hook", SECRET, Bot("123456:x"), lambda _: asyncio.sleep(0))
    server.listen("127.0.0.1", unused_tcp_port)
    reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
    writer.write(sent)
    await asyncio.wait_for(reader.read(), 3)
    assert reader.at_eof()
    writer.close()
    await server.close()


@pytest.mark.parametrize("body", [b'{"secret words": 1', b"[1, 2]", b'{"message": "secret words"}', b"\xff"])
async def test_of_an_update_that_cannot_be_read_nothing_is_logged_but_its_size(opened, body, caplog):
    taken, port = opened
    assert await posted(port, body) == 400
    assert taken == []
    assert f"an update of {len(body)} bytes cannot be read" in caplog.text
    assert "secret words" not in caplog.text


async def test_another_path_is_not_found(opened):
    taken, port = opened
    assert await posted(port, update(), path="/other") == 404
    assert taken == []
