"""Taste profile: a user's taste in figures, for `/profile`."""

from collections import Counter

from recommender.catalog.resolve import songs_of
from recommender.pipeline.user_profile import PlacedItems, UserProfile, strongest
from recommender.scorers import Profile
from recommender.service.profile_shares import shares_of, tag_shares_of
from recommender.snapshot import Snapshot
from recommender.types import Outlook, TasteProfile
from storage.records import Kind, Subject
from storage.store import Store

_STEADY = 1800.0  # seconds for which nothing changes much of who says nothing new


def taste_profile(store: Store, snapshot: Snapshot, user_id: int, now: float) -> TasteProfile:
    """Return a user's taste profile at `now` (seconds since 1970), with names."""
    profile = store.profiles.made(user_id, UserProfile.read)
    said, placed = profile.said, profile.placed(snapshot)
    verdicts = Counter(said.by_subject.values())
    shares = shares_of(
        placed,
        said.unwanted_artists | store.music.hidden()[0],
        store.music.artists,
        lambda likes: store.profiles.decades(user_id, likes=likes),
    )
    about = snapshot.version, now // _STEADY
    genres, moods = profile.worked_out("tags", about, lambda: tag_shares_of(snapshot, placed))
    songs = songs_of(store, [Subject(artist) for artist in sorted(said.blocked)])
    return TasteProfile(
        likes=verdicts[Kind.LIKE],
        dislikes=verdicts[Kind.DISLIKE],
        plays=int(profile.items.plays.sum()),
        shares_of=shares.of,
        artists=shares.artists,
        tags=genres,
        moods=moods,
        decades=shares.decades,
        blocked=tuple(songs.values()),
        outlook=profile.worked_out("outlook", about, lambda: _outlook(snapshot, placed, now)),
    )


def _outlook(snapshot: Snapshot, placed: PlacedItems, now: float) -> Outlook | None:
    model = snapshot.artists.user_model
    if not model.known or model.settings.general:  # how sure that is, no reaction has shown
        return None
    row = placed.rows(now)[0]
    profile = Profile(*strongest(row))
    recency = placed.recency(snapshot.artists, placed.artists, profile, now)
    return Outlook(*model.outlook(profile, recency, row[0]))
