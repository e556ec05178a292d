"""Decoding: the sound of a file as 16 kHz mono, by PyAV, which brings FFmpeg.

FFmpeg only gets an open file and a list of formats: it can open no other file and no address, whatever a
hostile playlist names. At most ten minutes are kept, as 16-bit integers: 19 MB.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats
from recommender.audio.mel import RATE
from recommender.errors import NotKnown

Shorts = NDArray[np.int16]

MOST_SECONDS = 600
"""Longest part of a file that is heard."""

_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,avi,caf,eac3,flac,matroska,webm,mov,mp4,m4a,mp3,mpeg,mpegts,ogg,opus,w64,wav,wv"
)
_OPTIONS = {"protocol_whitelist": "none", "format_whitelist": _FORMATS}
_MOST_RATE, _MOST_CHANNELS = 768_000, 64
_MOST_BAD = 50  # packets in a row that cannot be decoded
_LOUDEST = 4.0  # floating-point samples beyond this are no sound

UNREADABLE = "I cannot read that file as sound. Send it as mp3, ogg, wav, flac, m4a or a voice message."
_SILENT = "That file has no sound in it."
_EMPTY = "That file is empty. Send it again."
_LOCKED = "That file is locked by copy protection, so I cannot hear it. Send a file without it."


class _Undecodable(Exception):
    """Too many packets in a row are damaged."""


def samples(path: Path) -> Floats:
    """Return the sound of a file: N float32 from -1 to 1 at 16 kHz, at most `MOST_SECONDS`.

    Raises NotKnown with a sentence if the file has no sound or cannot be read.
    """
    blocks = list(_blocks(path))
    if not blocks:
        raise NotKnown(_SILENT)
    return np.asarray(np.concatenate(blocks), dtype=np.float32) / np.float32(32768)


def _blocks(path: Path) -> Iterator[Shorts]:
    import av  # noqa: PLC0415 - an extra

    with path.open("rb") as file:
        if not file.read(1):
            raise NotKnown(_EMPTY)
        file.seek(0)
        try:
            with av.open(file, "r", container_options=_OPTIONS) as container:
                yield from _heard(container)
        except (av.FFmpegError, _Undecodable, ValueError, OverflowError) as error:
            raise NotKnown(UNREADABLE) from error


def _heard(container: Any) -> Iterator[Shorts]:  # noqa: ANN401 - of an extra
    from av import AudioResampler  # noqa: PLC0415 - an extra

    if not container.streams.audio:
        raise NotKnown(_SILENT)
    stream = container.streams.audio[0]
    if (tag := str(stream.codec_context.codec_tag)) in ("drms", "enca"):
        raise NotKnown(_LOCKED, tag)
    if stream.codec_context.sample_rate > _MOST_RATE or stream.codec_context.channels > _MOST_CHANNELS:
        raise NotKnown(UNREADABLE)
    resampler = AudioResampler("fltp", "mono", RATE)
    left = MOST_SECONDS * RATE
    for frame in _frames(container, stream):
        for part in resampler.resample(frame):
            block = part.to_ndarray()[0][:left]
            left -= len(block)
            yield _whole(block)
        if not left:
            return
    for part in resampler.resample(None):
        yield _whole(part.to_ndarray()[0][:left])


def _frames(container: Any, stream: Any) -> Iterator[Any]:  # noqa: ANN401 - of an extra
    """Yield decoded frames, and skip damaged packets between good ones."""
    import av  # noqa: PLC0415 - an extra

    bad = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except (av.error.InvalidDataError, av.error.UndefinedError) as error:
            bad += 1
            if bad > _MOST_BAD:
                raise _Undecodable from error
            continue
        bad = 0 if frames else bad
        for frame in frames:
            frame.pts = None  # timestamps of broken files would confuse the resampler
            yield frame


def _whole(block: Floats) -> Shorts:
    """Return samples as 16-bit integers; what is no number is silence."""
    known = np.where(np.abs(block) <= _LOUDEST, block, 0)  # False for NaN and infinity
    return np.asarray(np.clip(known * 32767, -32767, 32767), dtype=np.int16)
