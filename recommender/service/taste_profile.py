"""Taste profile: a user's taste in figures, for `/profile`."""

from collections import Counter

from recommender.catalog.resolve import songs_of
from recommender.feedback import NO_TRACK
from recommender.pipeline.user_profile import PlacedLog, UserProfile
from recommender.scorers import Profile
from recommender.service.profile_shares import shares_of
from recommender.snapshot import Snapshot
from recommender.types import Outlook, TasteProfile
from storage.records import Kind, Subject
from storage.store import Store

_BARS = 8


def taste_profile(store: Store, snapshot: Snapshot, user_id: int, now: float) -> TasteProfile:
    """Return a user's taste profile at `now` (seconds since 1970), with names."""
    profile = UserProfile.read(store.log.standing(user_id))
    said, placed = profile.said, profile.placed(snapshot)
    verdicts = Counter(said.by_subject.values())
    names = {artist.id: artist.name for artist in store.music.artists(placed.log.artist.tolist()).values()}
    tracks = store.music.tracks([track for track in placed.log.track.tolist() if track != NO_TRACK])
    nobody = store.music.hidden()[0]
    shares = shares_of(snapshot, placed, said.unwanted_artists | nobody, names, tracks)
    songs = songs_of(store, [Subject(artist) for artist in sorted(said.blocked)])
    return TasteProfile(
        likes=verdicts[Kind.LIKE],
        dislikes=verdicts[Kind.DISLIKE],
        plays=int(profile.log.plays[profile.log.kind == 0].sum()),
        shares_of=shares.of,
        artists=shares.artists,
        tags=shares.genres,
        moods=shares.moods,
        decades=shares.decades,
        blocked=tuple(songs.values()),
        outlook=_outlook(snapshot, placed, Profile(*placed.rows(now)[0]), now),
    )


def _outlook(snapshot: Snapshot, placed: PlacedLog, profile: Profile, now: float) -> Outlook | None:
    model = snapshot.artists.user_model
    if not model.known:
        return None
    return Outlook(*model.outlook(profile, placed.recency(snapshot.artists, placed.artists, profile, now)))
