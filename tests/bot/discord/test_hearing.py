"""A clip attached to /hear."""

import io
import wave

import numpy as np
import pytest

from bot.adapters.discord.imports import MOST_BYTES

pytest.importorskip("av", reason="needs the extra segue[audio]")


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


def silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(np.zeros(16_000, dtype="<i2").tobytes())
    return file.getvalue()


async def test_an_attached_clip_is_heard(ann, channel):
    answer = (await ann.slash(channel, "hear", file=("clip.wav", silence()))).response
    assert texts(answer) == "I hear nothing in that. Check the microphone and send it again."
    answer = (await ann.slash(channel, "hear", file=("clip.mp3", b"junk"))).response
    assert texts(answer).startswith("I cannot read that file as sound.")
    answer = (await ann.slash(channel, "hear", file=("clip.mp3", b"x" * (MOST_BYTES + 1)))).response
    assert "larger than the 10 MB that Discord" in texts(answer)


async def test_without_a_file_it_says_how(ann, channel):
    answer = (await ann.slash(channel, "hear")).response
    assert "a file with /hear on Discord" in texts(answer)
