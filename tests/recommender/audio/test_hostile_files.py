"""Files that are locked, boastful or too much: a sentence each, in bounded memory; the next one is heard."""

import os
import signal
import struct
import threading
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="needs the extra segue[audio]")
import av
from mutagen.id3 import ID3, TALB, TIT2, TPE1, TSRC

from bot.commands import perform
from bot.context import Context
from bot.handlers.hearing import heard
from bot.replies import Notice, Problem
from recommender.audio.ear import Ear
from recommender.audio.mel import RATE
from recommender.errors import NotKnown
from recommender.service import MusicService
from storage.records import Account

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
LOCKED = r"^That file is locked by copy protection"


def m4a(path: Path) -> Path:
    """A second of a tone in AAC."""
    sound = (np.sin(np.arange(44_100) / 16) * 9000).astype("<i2")
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
        frame.sample_rate = 44_100
        for part in av.AudioResampler("fltp", "mono", 44_100, 1024).resample(frame):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def ear():
    with Ear() as one:
        yield one


@pytest.mark.parametrize("lock", [b"drms", b"enca"])
def test_a_file_under_copy_protection_says_so(tmp_path, ear, lock):
    path = m4a(tmp_path / "song.m4a")
    assert ear.hear(path).seconds == pytest.approx(1.0, abs=0.1)
    content = path.read_bytes()
    assert content.count(b"mp4a") == 1
    path.write_bytes(content.replace(b"mp4a", lock))
    with pytest.raises(NotKnown, match=LOCKED):
        ear.hear(path)


def resident(ear: Ear) -> float:
    """Return the most memory that the child has had, in MB."""
    status = Path(f"/proc/{ear._child.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def claiming(path: Path, frames: int) -> Path:
    """A small file that claims so many frames, for each of which FFmpeg would reserve 24 bytes."""
    content = m4a(path).read_bytes()
    for box, claimed in (
        (b"stsz", (1, frames)),  # each of one byte
        (b"stts", (1, frames, 1024)),
        (b"stsc", (1, 1, frames, 1)),
    ):
        at = content.index(box) + 8  # after its name, version and flags
        values = struct.pack(f">{len(claimed)}I", *claimed)
        content = content[:at] + values + content[at + len(values) :]
    path.write_bytes(content)
    return path


@needs_proc
def test_a_decoder_bomb_is_a_sentence_in_bounded_memory(tmp_path, ear, wav):
    bomb = claiming(tmp_path / "bomb.m4a", 20_000_000)
    assert bomb.stat().st_size < 50_000
    with pytest.raises(NotKnown, match=r"^That file has no sound in it"):
        ear.hear(bomb)
    assert resident(ear) < 400
    assert ear.hear(wav(tmp_path / "good.wav", np.zeros(RATE))).sound == "silence"


@needs_proc
@pytest.mark.slow
def test_the_longest_file_is_heard_in_bounded_memory(tmp_path, wav):
    t = np.arange(30 * RATE) / RATE
    notes = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 329.63))
    piece = notes * np.exp(-3 * (t % 0.5)) * 0.3
    with Ear() as ear:
        found = ear.hear(wav(tmp_path / "long.wav", np.tile(piece, 21)))
        assert (found.sound, found.seconds, found.is_whole) == ("music", 600, False)
        assert resident(ear) < 400


@pytest.fixture
def tagged(tmp_path, wav):
    """Return a function that writes a file with these tags."""

    def write(**tags: str) -> Path:
        path = wav(tmp_path / "Artist - Title.wav", np.zeros(RATE))
        path = path.rename(path.with_suffix(".mp3"))
        frames = {"artist": TPE1, "title": TIT2, "album": TALB, "isrc": TSRC}
        with av.open(str(path), "w", format="mp3") as out:
            stream = out.add_stream("libmp3lame", rate=44_100, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), "<i2"), format="s16p", layout="mono")
            frame.sample_rate = 44_100
            for part in av.AudioResampler("s16p", "mono", 44_100, 1152).resample(frame):
                out.mux(stream.encode(part))
            out.mux(stream.encode(None))
        id3 = ID3()
        for name, text in tags.items():
            id3.add(frames[name](encoding=3, text=[text]))
        id3.save(path)
        return path

    return write


def test_a_title_of_ten_megabytes_is_cut(ear, tagged):
    path = tagged(artist="Queen", title="x" * 10_000_000, album="y" * 10_000_000)
    assert path.stat().st_size > 20_000_000
    heard_in, names = ear.read(path)
    assert heard_in.sound == "silence"
    assert names.artist == "Queen"
    assert 0 < len(names.title) <= 300
    assert len(names.album or "") <= 300


HOSTILE = "Que\x00en\x1b[31m\r\n\u202egnos\u2066\u200f\x07"


def test_tags_bring_no_control_characters_and_turn_no_text_around(ear, tagged):
    _, names = ear.read(tagged(artist=HOSTILE, title=HOSTILE[::-1], album=HOSTILE))
    for name in (names.artist, names.title, names.album):
        assert name
        assert [c for c in name if unicodedata.category(c) == "Cc" or c in "\u202e\u2066"] == []


def test_names_that_are_written_from_right_to_left_stay(ear, tagged):
    _, names = ear.read(tagged(artist="\u0641\u064a\u0631\u0648\u0632", title="\u05e9\u05dc\u05d5\u05dd"))
    assert (names.artist, names.title) == (
        "\u0641\u064a\u0631\u0648\u0632",
        "\u05e9\u05dc\u05d5\u05dd",
    )


def endless(path: Path, wav) -> Path:
    """Ten minutes of eight channels at 192 kHz, which take no room on the disk."""
    wav(path, np.zeros(8), 192_000)
    head = bytearray(path.read_bytes()[:44])
    size = 600 * 192_000 * 8 * 2
    head[4:8], head[40:44] = struct.pack("<I", size + 36), struct.pack("<I", size)
    head[22:24], head[28:32], head[32:34] = (
        struct.pack("<H", 8),
        struct.pack("<I", 192_000 * 16),
        struct.pack("<H", 16),
    )
    path.write_bytes(head)
    os.truncate(path, size + 44)
    return path


def kill_while_it_reads(ear: Ear, path: Path, number: int) -> None:
    """End the child by a signal as soon as it has opened the file."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        child = ear._child
        try:
            opened = [] if child is None else list(Path(f"/proc/{child.pid}/fd").iterdir())
            if any(one.resolve() == path for one in opened):
                os.kill(child.pid, number)
                return
        except OSError:  # the child has just ended or closed a file
            pass
        time.sleep(0.005)


@pytest.fixture
async def music(tmp_path):
    """A service that recommends nothing, and so learns nothing."""
    async with await MusicService.open(tmp_path / "empty.db", seed=1, learn=False) as opened:
        yield opened


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
async def test_a_crash_while_it_decodes_is_a_sentence_and_the_next_clip_is_heard(
    tmp_path, music, wav, number
):
    context = Context(music, Account("terminal", "ann", "Ann"), None, "1")
    path = endless(tmp_path.resolve() / "endless.wav", wav)
    killer = threading.Thread(target=kill_while_it_reads, args=(music.ear, path, number))
    killer.start()
    reply = await perform(context, lambda ask: heard(ask, path))
    killer.join()
    assert isinstance(reply, Problem)
    said = "I cannot read that file as sound." if number == signal.SIGSEGV else "That file took too long"
    assert reply.sentence.startswith(said)
    good = wav(tmp_path / "good.wav", np.zeros(RATE))
    reply = await perform(context, lambda ask: heard(ask, good))
    assert isinstance(reply, Notice)
    assert reply.text.startswith("I hear nothing in that.")
