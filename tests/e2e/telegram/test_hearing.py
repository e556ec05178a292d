"""A voice message and what is kept of it: nothing until its sender says so, all of it erased by a word."""

import io
import json
import wave

import numpy as np
import pytest

from recommender.audio.ear import can_hear

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not can_hear(), reason="needs the extra segue[audio]"),
]


def voice_message(api) -> dict:
    """Six seconds of a chord that is struck twice a second."""
    t = np.arange(6 * 16_000) / 16_000
    notes = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 329.63))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes((notes * np.exp(-3 * (t % 0.5)) * 0.3 * 32767).astype("<i2").tobytes())
    document = api.document("voice", file.getvalue())
    return {"duration": 6, **{name: document[name] for name in document if name != "file_name"}}


async def kept(api, ann) -> list[dict]:
    sent = await ann.ask("/export")
    return json.loads(api.files[sent["document"]["file_id"]])["kept_clips"]


async def test_a_voice_message_is_kept_as_numbers_only_while_its_sender_says_so(own_api, start):
    api, ann = own_api, own_api.person(1, "Ann")
    first = await start()
    assert "/settings clips keep" in (await ann.ask("/privacy"))["text"]
    assert "Sounds like" in (await ann.ask("", voice=voice_message(api)))["text"]
    assert await kept(api, ann) == []
    card = await ann.ask("/settings")
    assert "Clips and voice messages: I forget their sound" in card["text"]
    before = len(api.sent[ann.id])
    await ann.press(card, "🎙 Clips")
    await ann.press(await api.next_sent(ann.id, before), "Keep")
    told = await api.next_sent(ann.id, before + 1)
    assert told["text"].endswith("I keep 400 numbers for how each sounds, so far for 0 lists.")
    heard = await ann.ask("", voice=voice_message(api))
    await first.stop()
    await start()
    more = await ann.ask("/more")
    assert "Sounds like" in more["text"]
    assert more["text"] != heard["text"]
    lists = await kept(api, ann)
    assert [len(line["vector"]) for line in lists] == [400, 400]
    assert lists[0]["vector"] == lists[1]["vector"]
    told = await ann.ask("/settings clips forget")
    assert told["text"] == "I erased what I kept of your clips: 2 lists. I keep none from now on."
    assert await kept(api, ann) == []
