"""A folder of music is heard once, and then what it sounds like is what songs are compared by."""

import wave
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="needs the extra segue[audio]")

from bot.commands import perform
from bot.context import Context
from bot.handlers.hearing import heard
from bot.replies import Notice, SlateReply
from recommender.audio.decoding import samples
from recommender.audio.hearing import hear
from recommender.audio.library import LibraryReader
from recommender.audio.mel import RATE
from recommender.audio.words import words
from recommender.errors import NotKnown
from recommender.service import MusicService
from recommender.types import Query
from storage.catalogue.heard_songs import HeardSongs
from storage.ingest.importer import run_import
from storage.records import Account, Kind
from storage.writer import Writer


def song(path: Path, root: float, wave_form=np.sin, seconds: float = 6.5) -> Path:
    t = np.arange(int(seconds * RATE)) / RATE
    notes = sum(wave_form(2 * np.pi * root * 2 ** (step / 12) * t) for step in (0, 4, 7))
    sound = notes / 4 * np.exp(-3 * (t % 0.5))
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library = tmp_path / "library"
    song(library / "Sines - Low.wav", 220.0)
    song(library / "Waves" / "Album" / "02 High.wav", 233.1)
    song(library / "Squares - Loud.wav", 110.0, lambda x: np.sign(np.sin(x)))
    (library / "broken.mp3").write_bytes(b"nothing")
    (library / "outside.wav").symlink_to(song(tmp_path / "elsewhere.wav", 300.0))
    return library


def imported(database: Path, folder: Path):
    with Writer(database) as writer:
        known = writer.write(lambda store: HeardSongs(store.db).digests()).result()
        return run_import(writer, LibraryReader(folder, known), batch=2)


def nearest(folder: Path) -> str:
    """Return which song is nearest to the low sines, by what is heard of each."""
    low, high, loud = (
        hear(samples(folder / name)).vector
        for name in ("Sines - Low.wav", "Waves/Album/02 High.wav", "Squares - Loud.wav")
    )
    return "Waves - High" if low @ high > low @ loud else "Squares - Loud"


async def test_a_library_is_heard_once_and_compared_by_sound(tmp_path, folder):
    database = tmp_path / "music.db"
    report = imported(database, folder)
    assert (report.read, report.kept, report.new["heard songs"], report.new["tracks"]) == (5, 3, 3, 3)
    assert {reason: tally.count for reason, tally in report.skipped.items()} == {
        "I cannot read that file as sound. Send it as mp3, ogg, wav, flac, m4a or a voice message.": 1,
        "link that leads out of the folder": 1,
    }
    again = imported(database, folder)
    assert (again.kept, again.noted["file heard before"].count) == (0, 3)
    async with await MusicService.open(database, seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        low = (await music.names.resolve("Sines - Low")).song
        near = await music.recommend(Query(ann.user_id, 1, seeds=(low.subject,), by="sound"))
        assert near.picks[0].song.label == nearest(folder)
        context = Context(music, Account("terminal", "ann", "Ann"), None, "1")
        clip = folder / "Squares - Loud.wav"
        reply = await perform(context, lambda ask: heard(ask, clip))
        assert isinstance(reply, SlateReply)
        assert reply.slate.picks[0].song.label == "Squares - Loud"
        assert "about 120 beats a minute" in reply.note
        silence = await perform(context, lambda ask: heard(ask, song(folder / "s.wav", 1.0, np.zeros_like)))
        assert isinstance(silence, Notice)
        kept = await music.export(ann)
        assert "vector" not in str(kept)


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(NotKnown, match="There is no folder"):
        LibraryReader(tmp_path / "nowhere", frozenset())
    with pytest.raises(NotKnown, match="There are no music files"):
        LibraryReader(tmp_path, frozenset())


async def test_without_any_sound_in_the_catalogue_a_clip_finds_artists_by_tags(music, ann):
    """A clip of jazz in a catalogue of tags alone: jazz comes, rock does not."""
    query = Query(ann.user_id, 5, ann.community_id, heard=(("jazz", 0.8), ("piano", 0.3)))
    slate = await music.recommend(query)
    assert {pick.song.artist.split()[0] for pick in slate.picks} == {"jazz"}
    assert all(pick.explanation.kind == "sound" for pick in slate.picks)
    assert {tag for pick in slate.picks for tag in pick.explanation.tags} == {"jazz"}
    assert Query.from_json(query.to_json(), ann.user_id, ann.community_id) == query
    more = await music.recommend(query)
    await music.shown(slate.id)
    assert len(more.picks) == 5


async def test_a_blocked_artist_does_not_come_back_by_sound(music, ann):
    blocked = (await music.names.resolve("jazz 1")).song.subject
    await music.reactions.record(ann, blocked, Kind.BLOCK, key="block")
    slate = await music.recommend(Query(ann.user_id, 20, ann.community_id, heard=(("jazz", 0.8),)))
    assert slate.picks
    assert "jazz 1" not in {pick.song.artist for pick in slate.picks}


def test_words_for_a_voice_and_for_none_exclude_each_other():
    rng = np.random.default_rng(1)
    for _ in range(20):
        said = dict(words(rng.random(100).astype(np.float32)))
        assert not {"instrumental", "female vocals"} <= said.keys()
    assert hear(np.zeros(0, dtype=np.float32)).sound == "silence"
