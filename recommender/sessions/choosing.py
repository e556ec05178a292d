"""Next track: candidates of all users present, the group strategy, requests in turn."""

import numpy as np

from recommender.arrays import Doubles, Ids, Ints, Mask
from recommender.groups.energy_curve import fitting, from_tags, wanted
from recommender.groups.expectations import Expect, Expectations, Pool, key_of, pooled
from recommender.groups.fairness import Nash, credited
from recommender.groups.strategies import STYLES
from recommender.linalg import entries
from recommender.pipeline.candidates import eligible
from recommender.pipeline.ranking import known_artists
from recommender.pipeline.user_profile import UserProfile
from recommender.sessions.in_a_row import in_a_row
from recommender.sessions.reasons import cause_for, whom_for
from recommender.sessions.state import Facts, Planned, enjoyed
from recommender.slates.place_rules import disclosed_by, with_place_rules
from recommender.snapshot import Snapshot
from recommender.types import Query
from storage.chats.sessions import Sessions as Kept
from storage.records import Kind, SessionWish, Subject
from storage.store import Store

SPACING = 5
"""Minimum number of tracks between two by one artist, unless nothing else is left."""

_STEADY = 1800.0  # seconds for which nothing is expected anew of who says nothing new
_LIKED = 0.85  # probability that a user enjoys a liked track again
_REQUESTED = 0.9  # probability that a user enjoys a requested track


class Chooser:
    """Chooses tracks for one session at one moment; reads `store` only when created."""

    def __init__(self, store: Store, snapshot: Snapshot, facts: Facts, expect: Expect, now: float) -> None:
        """Compute the expectations of every user present."""
        self._store, self._snapshot, self._facts = store, snapshot, facts
        self._n_artists = len(snapshot.artists.items)
        profiles = [store.profiles.made(user, UserProfile.read) for user in facts.present]
        place = facts.session.community_id
        self._disclosed = {user: disclosed_by(store, place, user) for user in facts.present}
        self._outlooks = [
            _outlook(store, snapshot, facts, user, profile, expect, now)
            for user, profile in zip(facts.present, profiles, strict=True)
        ]
        liked = self._liked(profiles) if facts.session.style == "crowd-pleaser" else {}
        extra = np.array(sorted({key for keys in liked.values() for key in keys}), dtype=np.int64)
        pool = pooled(self._outlooks, self._n_artists, extra)
        for row, user in enumerate(facts.present):
            if liked.get(user):
                mine = np.isin(pool.keys, np.fromiter(liked[user], dtype=np.int64))
                pool.expected[row, mine] = _LIKED
        self._pool = pool.some(self._allowed(pool, extra))
        self._enjoyed = _history(facts)

    def plan(self, n: int) -> list[Planned]:
        """Return the next `n` tracks: queued ones, then requests and chosen tracks in turn."""
        pending = pending_requests(self._facts)
        waiting = self._facts.waiting[:n]
        planned = [self._known(song.subject, song.requested_by, song.id) for song in waiting]
        while len(planned) < n:
            turn = self._requested(pending, planned) or self._chosen(planned)
            if turn is None:
                break
            pending = [wish for wish in pending if wish.subject != turn.subject]
            planned.append(turn)
        return planned

    # --- one track --------------------------------------------------------------------------------------

    def _requested(self, pending: list[SessionWish], planned: list[Planned]) -> Planned | None:
        """Return the next request: one after each chosen track, from the user with the fewest played."""
        last = planned[-1].requested_by if planned else _last_requester(self._facts)
        if not pending or last is not None:
            return None
        had = [song.requested_by for song in self._facts.songs] + [one.requested_by for one in planned]
        wish = min(pending, key=lambda wish: (had.count(wish.user_id), wish.id))
        return self._known(wish.subject, wish.user_id, None)

    def _known(self, subject: Subject, requester: int | None, song_id: int | None) -> Planned:
        """Return a fixed track with everybody's current expectations."""
        key = self._key(subject)
        place = int(np.searchsorted(self._pool.keys, key))
        is_there = place < len(self._pool.keys) and self._pool.keys[place] == key
        column = (
            self._pool.expected[:, place] if is_there else np.array([o.otherwise for o in self._outlooks])
        )
        expected = dict(zip(self._facts.present, column.tolist(), strict=True))
        if requester in expected:
            expected[requester] = max(expected[requester], _REQUESTED)
        song = next((song for song in self._facts.waiting if song.id == song_id), None)
        if song is not None:
            return Planned(subject, expected, song.is_for, song.cause, requester, song_id)
        is_for = frozenset({requester} & set(self._facts.present)) if requester is not None else frozenset()
        return Planned(subject, expected, frozenset(u for u in is_for if u is not None), None, requester)

    def _chosen(self, planned: list[Planned]) -> Planned | None:
        left = self._left(planned)
        if not left.any():
            return None
        pool = self._pool.some(left)
        heard = np.column_stack(
            [
                self._enjoyed,
                *(np.array([one.expected[user] for user in self._facts.present]) for one in planned),
            ]
        )
        expected = self._in_the_mood(pool, len(self._facts.started) + len(planned))
        expected = self._on_the_radio(pool, planned, expected)
        values = STYLES[self._facts.session.style].values(expected, heard)
        best = int(np.argmax(values))
        gains = pool.expected[:, best] / (Nash.eps + credited(heard, Nash.late))
        is_for = whom_for(self._facts.present, gains)
        track, artist = int(pool.tracks[best]), int(pool.artists[best])
        theirs = {user: outlook for user, outlook in self._by_user().items() if user in is_for}
        cause = cause_for(self._snapshot, theirs, self._disclosed, artist, track)
        subject = self._subject(track, artist)
        return Planned(
            subject,
            dict(zip(self._facts.present, pool.expected[:, best].tolist(), strict=True)),
            is_for,
            cause,
        )

    # --- constraints ------------------------------------------------------------------------------------

    def _left(self, planned: list[Planned]) -> Mask:
        """Return the mask of possible next tracks: no repeats, and artists spaced if possible."""
        mine = [self._key(one.subject) for one in planned]
        left = ~np.isin(self._pool.keys, np.array(mine, dtype=np.int64))
        recent = [song.subject.artist_id for song in self._facts.songs] + [
            one.subject.artist_id for one in planned if one.song_id is None
        ]
        ids = np.array(recent[-SPACING:], dtype=np.int64)
        soon = np.isin(self._pool.artists, self._snapshot.artists.items.columns(ids))
        return left & ~soon if (left & ~soon).any() else left

    def _allowed(self, pool: Pool, liked: Ids) -> Mask:
        """Return the mask of tracks without objection: blocks, dislikes, vetoes, community rules."""
        snapshot, style = self._snapshot, self._facts.session.style
        vetoed = self._facts.vetoed()
        gone = [song.subject for song in self._facts.songs] + list(vetoed)
        allowed: Mask = ~np.isin(pool.keys, np.array([self._key(s) for s in gone], dtype=np.int64))
        unwanted = np.array([s.artist_id for s in vetoed if s.track_id is None], dtype=np.int64)
        allowed &= ~np.isin(pool.artists, snapshot.artists.items.columns(unwanted))
        for outlook in self._outlooks:
            request = outlook.request
            allowed &= ~np.isin(pool.artists, request.barred_artists)
            barred = np.isin(pool.tracks, request.barred_tracks) & ~np.isin(pool.keys, liked)
            songs, artists = eligible(snapshot, request)  # of each user present
            allowed &= np.where(pool.tracks >= 0, songs[pool.tracks], artists[pool.artists])
            alone = (pool.tracks < 0) & np.isin(pool.artists, request.barred_alone)
            allowed &= ~(barred | alone)
            if style == "discover":
                allowed &= ~np.isin(pool.artists, known_artists(snapshot, request))
        return allowed

    def _liked(self, profiles: list[UserProfile]) -> dict[int, set[int]]:
        """Return each user's liked tracks, as keys."""
        return {
            user: {
                self._key(s)
                for s, kind in profile.said.by_subject.items()
                if kind is Kind.LIKE and s.track_id
            }
            for user, profile in zip(self._facts.present, profiles, strict=True)
        }

    def _in_the_mood(self, pool: Pool, played: int) -> Doubles:
        """Return the expectations, weighted by the energy curve."""
        if not self._facts.session.arc:
            return pool.expected
        return np.asarray(
            pool.expected * fitting(self._energy(pool.tracks), wanted(played, self._facts.session.arc))
        )

    def _on_the_radio(self, pool: Pool, planned: list[Planned], expected: Doubles) -> Doubles:
        """Return the expectations, weighted by how well each track follows the last ones in a radio."""
        if not self._facts.session.radio:
            return expected
        heard = [song.subject for song in self._facts.started if song.skipped_at is None]
        requests = [outlook.request for outlook in self._outlooks]
        row = in_a_row(self._snapshot, requests, [*heard, *(one.subject for one in planned)], pool)
        return np.asarray(expected * row)

    def _energy(self, tracks: Ints) -> Doubles:
        ids = self._snapshot.tracks.items.ids
        known = Kept(self._store.db).energy([int(ids[track]) for track in tracks.tolist() if track >= 0])
        energy = np.full(len(tracks), np.nan)
        for place, track in enumerate(tracks.tolist()):
            if track >= 0:
                told = known.get(int(ids[track]))
                energy[place] = self._told(track) if told is None else told
        return energy

    def _told(self, track: int) -> float:
        tags = entries(self._snapshot.tracks.item_tags, np.array([track], dtype=np.int32))
        names = tuple(self._snapshot.tags[tag] for tag in tags.column.tolist())
        return from_tags(names, np.asarray(tags.data, dtype=np.float64))

    # --- keys -------------------------------------------------------------------------------------------

    def _by_user(self) -> dict[int, Expectations]:
        return dict(zip(self._facts.present, self._outlooks, strict=True))

    def _key(self, subject: Subject) -> int:
        artist = self._snapshot.artists.items.column(subject.artist_id)
        track = -1 if subject.track_id is None else self._snapshot.tracks.items.column(subject.track_id)
        # A track newer than the snapshot has no columns and therefore no key.
        if artist < 0 or (subject.track_id is not None and track < 0):
            return -(1 << 62)
        return key_of(track, artist, self._n_artists)

    def _subject(self, track: int, artist: int) -> Subject:
        artist_id = int(self._snapshot.artists.items.ids[artist])
        return Subject(artist_id, int(self._snapshot.tracks.items.ids[track]) if track >= 0 else None)


def pending_requests(facts: Facts) -> list[SessionWish]:
    """Return the present users' requests that are neither played nor vetoed, oldest first."""
    done = {song.subject for song in facts.songs}
    requests = (wish for wish in facts.wishes if wish.kind == "request" and wish.user_id in facts.present)
    return [wish for wish in requests if wish.subject not in done and not facts.is_vetoed(wish.subject)]


def _last_requester(facts: Facts) -> int | None:
    return facts.songs[-1].requested_by if facts.songs else None


def _history(facts: Facts) -> Doubles:
    """Return users x tracks so far: votes, otherwise expectations, NaN while absent."""
    table = np.full((len(facts.present), len(facts.started)), np.nan)
    for row, user in enumerate(facts.present):
        for column, song in enumerate(facts.started):
            had = enjoyed(song, user)
            if had is not None:
                table[row, column] = had
    return table


def _outlook(
    store: Store,
    snapshot: Snapshot,
    facts: Facts,
    user: int,
    profile: UserProfile,
    expect: Expect,
    now: float,
) -> Expectations:
    """Return one user's expectations; those of the same facts within `_STEADY` seconds are kept."""
    query = Query(user, 1, facts.session.community_id)
    request = profile.request(snapshot, query, now - now % _STEADY)
    request = with_place_rules(store, snapshot, request)
    barred = request.barred_tracks.tobytes(), request.barred_artists.tobytes()
    about = (snapshot.version, facts.session.id, user, now // _STEADY, *barred, expect)
    seed = [facts.session.id, user]
    return profile.worked_out(
        "session", about, lambda: expect(snapshot, request, np.random.default_rng(seed))
    )
