"""`segue catalog`: list the versions of each work, merge and split works."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from bot.adapters.terminal.render import clean
from bot.cli.json_output import as_json
from bot.context import spoken
from bot.handlers.names import MOST_CHOICES
from bot.replies.i18n import counted
from bot.settings import load
from recommender.catalog.resolve import resolve, song_of
from recommender.content.recordings import Version, versions
from recommender.errors import NotKnown
from recommender.types import Song
from storage.catalogue.versions import Versions
from storage.naming.text import fold
from storage.records import Subject, Track
from storage.store import Store
from storage.writer import Writer


def show(database: Path | None, name: str | None, sample: int, seed: int, out: str | None) -> None:
    """Print the number of versions per rule, and those of one song or a random sample."""
    with Store.open(_existing(database), readonly=True) as store:
        known = Versions(store.db)
        found = versions(known.titles(), known.decisions())
        works = {one.work_id for one in found}
        tracks = store.music.counts()["tracks"]
        figures = {
            "tracks": tracks,
            "works": len(works),
            "versions": len(found),
            "rules": dict(Counter(one.rule for one in found)),
        }
        if as_json(figures, out):
            return
        click.echo(_told(found, len(works), tracks))
        chosen = _of_song(store, name, found) if name else _sampled(found, sample, seed)
        _list(store, chosen)


def _told(found: Sequence[Version], works: int, tracks: int) -> str:
    if not found:
        return f"None of {tracks:,} songs is a version of another."
    rules = sorted(Counter(one.rule for one in found).items())
    said = ", ".join(f"{rule}: {n:,}" for rule, n in rules)
    return f"{len(found):,} of {tracks:,} songs are versions of {counted(works, 'work')} ({said})."


def merge(database: Path | None, one: str, other: str) -> None:
    """Record that two songs are versions of one work."""
    _decide(database, one, other, same=True)


def split(database: Path | None, one: str, other: str) -> None:
    """Record that two songs are separate works."""
    _decide(database, one, other, same=False)


def _decide(database: Path | None, one: str, other: str, *, same: bool) -> None:
    def decided(store: Store) -> tuple[Song, Song]:
        first, second = _song(store, one), _song(store, other)
        if first.subject == second.subject:
            raise NotKnown(f"Both names mean {spoken(first)}; name two songs, or their numbers as #17.")
        ids = [song.subject.track_id or 0 for song in (first, second)]
        Versions(store.db).decide(ids[0], ids[1], "operator", same=same)
        return first, second

    with Writer(_existing(database)) as writer:
        songs = [clean(spoken(song)) for song in writer.write(decided).result()]
    what = "are versions of one work" if same else "are works of their own"
    click.echo(f"{songs[0]} and {songs[1]} {what}, from the next training on (`segue train`).")


def _song(store: Store, name: str) -> Song:
    """Return the song with a name or a track number such as "#17"."""
    if name.startswith("#") and name[1:].isdecimal():
        track = store.music.tracks([int(name[1:])]).get(int(name[1:]))
        if track is None:
            raise NotKnown(f"There is no song {name}.")
        return song_of(store, Subject(track.artist_id, track.id))
    found = resolve(store, name)
    if found.song is not None and found.song.title is not None:
        return found.song
    near = [s for s in found.others if s.title is not None][:MOST_CHOICES]
    same = [song for song in near if fold(song.label) == fold(name)]
    if len(same) == 1:
        return same[0]
    listed = "; ".join(f"#{song.subject.track_id} {song.label}" for song in near)
    raise NotKnown(f'"{name}" is no one song.' + (f" Say one of these: {listed}" if near else ""))


def _of_song(store: Store, name: str, found: list[Version]) -> list[Version]:
    track_id = _song(store, name).subject.track_id
    works = {one.work_id for one in found if one.track_id == track_id}
    return [one for one in found if one.work_id in works]


def _sampled(found: list[Version], n: int, seed: int) -> list[Version]:
    merged = [one for one in found if one.track_id != one.work_id]
    return random.Random(seed).sample(merged, min(n, len(merged)))  # noqa: S311 - a sample to look at


def _list(store: Store, chosen: list[Version]) -> None:
    tracks = store.music.tracks([ident for one in chosen for ident in (one.track_id, one.work_id)])
    for one in chosen:
        if one.track_id != one.work_id:
            click.echo(f"{_label(tracks[one.work_id])}  =  {_label(tracks[one.track_id])}  ({one.rule})")


def _label(track: Track) -> str:
    length = f" [{track.duration_ms // 1000} s]" if track.duration_ms else ""
    return clean(f"#{track.id} {track.artist} - {track.title}{length}")


def _existing(database: Path | None) -> Path:
    path = load(database).database
    if not path.exists():
        raise NotKnown(f"There is no database {path} yet; `segue chat` or `segue import` makes one.")
    return path
