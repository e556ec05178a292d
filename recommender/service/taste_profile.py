"""Taste profile: what is known of a user, summed up in figures for `/profile`."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from recommender.arrays import Floats, Ints
from recommender.catalog.resolve import decade_named, songs_of
from recommender.pipeline.user_profile import PlacedLog, UserProfile
from recommender.scorers import Profile
from recommender.snapshot import Snapshot
from recommender.types import Outlook, Share, TasteProfile
from storage.records import Kind, Subject
from storage.store import Store

_BARS = 8


def taste_profile(store: Store, snapshot: Snapshot, user_id: int, now: float) -> TasteProfile:
    """Return what is known of a user at `now`, by name."""
    profile = UserProfile.read(store.log.standing(user_id))
    said, placed = profile.said, profile.placed(snapshot)
    on_artists, on_tracks = placed.rows(now)
    verdicts = Counter(said.by_subject.values())
    songs = songs_of(store, [Subject(artist) for artist in sorted(said.blocked)])
    return TasteProfile(
        likes=verdicts[Kind.LIKE],
        dislikes=verdicts[Kind.DISLIKE],
        plays=int(profile.log.plays[profile.log.kind == 0].sum()),
        artists=_artists(store, snapshot, on_artists),
        tags=_tags(snapshot, on_artists, on_tracks),
        decades=_decades(store, snapshot, on_tracks),
        blocked=tuple(songs.values()),
        outlook=_outlook(snapshot, placed, Profile(*on_artists), now),
    )


def _artists(store: Store, snapshot: Snapshot, row: tuple[Ints, Floats]) -> tuple[Share, ...]:
    weights = {int(snapshot.artists.items.ids[column]): weight for column, weight in _positive(row)}
    names = store.music.artists(weights)
    return _shares({names[artist].name: weight for artist, weight in weights.items()})


def _decades(store: Store, snapshot: Snapshot, row: tuple[Ints, Floats]) -> tuple[Share, ...]:
    weights = {int(snapshot.tracks.items.ids[column]): weight for column, weight in _positive(row)}
    by_decade: defaultdict[str, float] = defaultdict(float)
    for track in store.music.tracks(weights).values():
        if track.year:
            by_decade[f"{track.year // 10 * 10}s"] += weights[track.id]
    return tuple(sorted(_shares(by_decade), key=lambda share: share.name))


def _tags(snapshot: Snapshot, *rows: tuple[Ints, Floats]) -> tuple[Share, ...]:
    by_tag: defaultdict[str, float] = defaultdict(float)
    for axis, row in zip((snapshot.artists, snapshot.tracks), rows, strict=True):
        for column, weight in _positive(row):
            tags = axis.item_tags[column]
            for tag, share in zip(tags.indices.tolist(), (tags.data / tags.sum()).tolist(), strict=True):
                by_tag[snapshot.tags[tag]] += weight * share
    return _shares({tag: weight for tag, weight in by_tag.items() if decade_named(tag) != tag})


def _outlook(snapshot: Snapshot, placed: PlacedLog, profile: Profile, now: float) -> Outlook | None:
    model = snapshot.artists.user_model
    if not model.known:
        return None
    return Outlook(*model.outlook(profile, placed.recency(snapshot.artists, placed.artists, profile, now)))


def _positive(row: tuple[Ints, Floats]) -> Iterator[tuple[int, float]]:
    columns, weights = row
    keep = weights > 0
    return zip(columns[keep].tolist(), weights[keep].tolist(), strict=True)


def _shares(weights: Mapping[str, float]) -> tuple[Share, ...]:
    total = sum(weights.values())
    largest = sorted(weights.items(), key=lambda pair: -pair[1])[:_BARS]
    return tuple(Share(name, weight / total) for name, weight in largest)
