"""RowKeeper: it stores a reader's rows, each idempotently, and counts what is new."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Unpack

from storage.catalogue.heard_songs import HeardSongs
from storage.catalogue.related import RelatedArtists
from storage.catalogue.texts import Texts
from storage.errors import ErasedError, InvalidFactError
from storage.imports import (
    ArtistRow,
    ExternalIds,
    Fact,
    FriendRow,
    HeardRow,
    ListenRow,
    Reader,
    RelatedRow,
    Skipped,
    TaggingRow,
    TextRow,
    TrackRow,
)
from storage.imports.report import Kept
from storage.ingest.listen_keys import ListenKeys
from storage.listening.listens import Listen
from storage.naming.credit_names import Guests, guests_in, leading, names_in, without_company, without_guests
from storage.naming.text import fold
from storage.naming.wording import plain, recording
from storage.records import Account, Kind, Subject, Track, TrackFacts
from storage.search.matching import Matcher
from storage.store import Store
from storage.users.erasures import Erasures

_SLICE_SECONDS = 0.08
_NAMES_KEPT = 1 << 15  # names with their ids in memory
_COUNTED_AS = {
    Kind.PLAY: "listens",
    Kind.SKIP: "skips",
    Kind.LIKE: "verdicts",
    Kind.DISLIKE: "verdicts",
    Kind.SAVE: "saved songs",
}


class RowKeeper:
    """Stores rows in transactions of the writer, with a cache of recent names and their ids."""

    def __init__(self, reader: Reader, user_id: int | None = None) -> None:
        """Keep the rows of `reader`; `user_id` owns them, if all belong to one user."""
        self._owner = user_id
        self._erasures: int | None = None
        self._users: dict[str, int] = {}
        self._erased: set[str] = set()
        self._source = reader.source
        self._platform = reader.platform
        self._keys = ListenKeys(reader)
        self._now = int(time.time())
        self._matching = lru_cache(maxsize=1)(Matcher)
        self._artist = lru_cache(_NAMES_KEPT)(self._find_artist)
        self._subject = lru_cache(_NAMES_KEPT)(self._find_subject)
        self._tag = lru_cache(_NAMES_KEPT)(self._find_tag)

    def _heed_erasures(self, store: Store) -> None:
        """Drop all caches after an erasure; raise ErasedError if the owner was erased."""
        before, self._erasures = self._erasures, Erasures(store.db).count()
        if before == self._erasures:
            return
        if self._owner is not None and not store.people.exists(self._owner):
            raise ErasedError("Whose history that is was erased while it came in; nothing of it is kept.")
        self._erased |= {name for name, user_id in self._users.items() if not store.people.exists(user_id)}
        self._users.clear()
        for names in (self._artist, self._subject, self._tag):
            names.cache_clear()
        self._matching.cache_clear()

    def keep(self, facts: Sequence[Fact], store: Store, *, seconds: float = _SLICE_SECONDS) -> Kept:
        """Store at least one fact, for about `seconds`; return the number stored and the new counts."""
        self._heed_erasures(store)
        self._store, self._matcher = store, self._matching(store)
        self._listed = (
            self._owner is None and self._platform not in store.people.chats()
        )  # otherwise one user's history
        self._newest = {what: newest_id(store, what) for what in ("users", "artists", "tracks")}
        self._kept = kept = Kept()
        self._listens: list[Listen] = []
        deadline = time.monotonic() + seconds
        for fact in facts:
            kept.rows += 1
            try:
                kept.kept += self._keep(fact)
            except InvalidFactError as error:
                kept.skipped.append(Skipped(fact.line, str(error)))
            if not kept.rows % 4 and time.monotonic() > deadline:
                break
        self._add_listens()
        return kept

    def _keep(self, fact: Fact) -> bool:
        """Store one fact; return whether it is new."""
        match fact:
            case ListenRow():
                new = self._collect(fact)
            case TrackRow():
                new = self._keep_track(fact)
            case TaggingRow():
                new = self._keep_tagging(fact)
            case ArtistRow():
                before = self._kept.new["artists"]
                self._store.music.list_song(self._artist(fact.name))
                new = self._kept.new["artists"] > before
            case FriendRow():
                pair = (self._user(fact.user), self._user(fact.friend))
                new = self._counted("friends", self._store.people.befriend([pair]) > 0)
            case TextRow():
                new = self._keep_text(fact)
            case RelatedRow():
                new = self._keep_related(fact)
            case HeardRow():
                new = self._keep_heard(fact)
        return new

    def _collect(self, row: ListenRow) -> bool:
        user_id = self._user(row.user)
        subject = self._subject(row.artist, row.artist_ids, row.title, row.album, row.track_ids)
        listen = Listen(
            self._keys.of(row),
            user_id,
            *subject,
            row.kind,
            row.at,
            row.plays,
            row.ms_played,
            row.source or self._source,
        )
        if row.kind is Kind.PLAY and row.at is None and row.plays is not None:
            return self._counted("listens", self._keep_total(row, listen))
        self._listens.append(listen)
        return False  # `_add_listens` counts it

    def _keep_total(self, row: ListenRow, total: Listen) -> bool:
        if self._store.log.has(self._keys.old_total(row)):
            return False
        return self._store.listens.add_total(total, now=self._now)

    def _add_listens(self) -> None:
        for kind in dict.fromkeys(listen.kind for listen in self._listens):
            some = [listen for listen in self._listens if listen.kind is kind]
            new = self._store.listens.add(some, now=self._now)
            self._kept.kept += new
            self._kept.new[_COUNTED_AS[kind]] += new

    def _keep_track(self, row: TrackRow) -> bool:
        before = self._kept.new["tracks"]
        music = self._store.music
        known = self._by_id(row.ids)
        artist_id = known.artist_id if known else self._artist(row.artist, country=row.country)
        track_id = self._ensured(
            artist_id,
            known.title if known else row.title,
            album=row.album,
            year=row.year,
            duration_ms=row.duration_ms,
            explicit=row.explicit,
            popularity=row.popularity,
        )
        music.list_song(artist_id, track_id)
        for scheme, value in row.ids:
            music.add_track_id(track_id, scheme, value)
        if row.features:
            music.set_features(track_id, row.features)
        for tag in row.tags:
            music.tag_track(track_id, self._tag(tag.name, tag.kind), self._source, tag.weight)
        return self._kept.new["tracks"] > before

    def _keep_text(self, row: TextRow) -> bool:
        texts = Texts(self._store.db)
        if texts.known(row.key):
            return False
        artists = [self._artist(name) for name in row.artists] or texts.mentioned(row.text)
        if not artists:
            raise InvalidFactError("text that names no artist of the catalogue")
        return self._counted("texts", texts.add(row.key, self._source, row.at, artists, row.text))

    def _keep_related(self, row: RelatedRow) -> bool:
        new = RelatedArtists(self._store.db).add(self._source, row)
        if new is None:
            raise InvalidFactError("artist that the catalogue does not have")
        return self._counted("relations", new)

    def _keep_heard(self, row: HeardRow) -> bool:
        subject = self._subject(row.artist, (), row.title, row.album, row.ids)
        track_id = subject.track_id or 0
        track = self._store.music.track(track_id)
        facts = TrackFacts(album=row.album, year=row.year, duration_ms=row.duration_ms)
        self._ensured(track.artist_id, track.title, **facts)
        self._store.music.list_song(track.artist_id, track_id)
        new = HeardSongs(self._store.db).add(track_id, self._source, row)
        return self._counted("heard songs", new)

    def _keep_tagging(self, row: TaggingRow) -> bool:
        user, artist, tag = self._user(row.user), self._artist(row.artist), self._tag(row.tag, "")
        before = self._store.db.conn.total_changes
        self._store.music.add_tagging(user, artist, tag, row.at)
        return self._counted("taggings", self._store.db.conn.total_changes > before)

    def _user(self, name: str) -> int:
        if name not in self._users:
            if name in self._erased:
                raise InvalidFactError("a user who was erased while this came in")
            if len(self._users) >= _NAMES_KEPT:
                self._users.clear()
            self._users[name] = self._find_user(name)
        return self._users[name]

    def _find_user(self, name: str) -> int:
        people = self._store.people
        known = people.find(self._platform, name)  # their own name stays
        return known or self._noticed(
            "users", people.ensure(Account(self._platform, name, name), now=self._now)
        )

    def _find_artist(self, name: str, ids: ExternalIds = (), *, country: str | None = None) -> int:
        artist_id = self._noticed(
            "artists", self._store.music.ensure_artist(name, country=country, listed=self._listed)
        )
        for scheme, value in ids:
            self._store.music.add_artist_id(artist_id, scheme, value)
        return artist_id

    def _find_subject(
        self, artist: str, artist_ids: ExternalIds, title: str | None, album: str | None, ids: ExternalIds
    ) -> Subject:
        if not artist:
            return self._known_by(ids)
        if title is None:
            return Subject(self._artist(artist, artist_ids))
        found = self._matcher.track(artist, title, ids)
        whole = self._matcher.artist(artist) is not None
        credit = Guests(artist, ()) if whole else leading(artist)
        main, guests = without_guests(title)
        if found is None:
            artist_id = self._artist(credit.main, artist_ids)
            # One song under two credits is found by its key: "- Remastered 2011" is no part of it.
            track_id = self._ensured(artist_id, plain(main) or main, album=album)
            self._matcher.added(artist_id, main, track_id)
            found = Subject(artist_id, track_id)
        elif fold(main) == recording(title):
            self._store.music.retitle(found.track_id or 0, main)
        company = without_company(main)[1]  # perhaps: only who is known by then is a guest
        named = () if whole else (fold(credit.main), *names_in(credit.main))
        self._store.music.credit(found.track_id or 0, named, guests_in((*credit.named, *guests, *company)))
        for scheme, value in ids:
            self._store.music.add_track_id(found.track_id or 0, scheme, value)
        return found

    def _known_by(self, ids: ExternalIds) -> Subject:
        """Return the track of an export row that has only an id, because the service lost its name."""
        track = self._by_id(ids)
        if track is None:
            raise InvalidFactError("a song without a name")
        return Subject(track.artist_id, track.id)

    def _by_id(self, ids: ExternalIds) -> Track | None:
        """Return the track with the same Spotify id.

        Other ids are stored but not matched: players guess MusicBrainz ids, so names are more reliable.
        """
        for scheme, value in ids:
            found = self._store.music.by_external_id(scheme, value) if scheme == "spotify" else None
            if found and found.track_id:
                return self._store.music.track(found.track_id)
        return None

    def _ensured(self, artist_id: int, title: str, **facts: Unpack[TrackFacts]) -> int:
        return self._noticed(
            "tracks", self._store.music.ensure_track(artist_id, title, listed=self._listed, **facts)
        )

    def _find_tag(self, name: str, kind: str) -> int:
        return self._store.music.ensure_tag(name, kind)

    def _noticed(self, what: str, row_id: int) -> int:
        """Count a row as new if its id is the highest so far: nothing else writes during a transaction."""
        if row_id > self._newest[what]:
            self._newest[what] = row_id
            self._kept.new[what] += 1
        return row_id

    def _counted(self, what: str, is_new: bool) -> bool:
        self._kept.new[what] += is_new
        return is_new


def newest_id(store: Store, table: str) -> int:
    """Return the highest id in a table, 0 if it is empty."""
    return int(store.db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])
