"""The importer: it stores a reader's rows in the database, one slice at a time.

Every row is stored idempotently, so a killed import can start again and ends with the same facts.  A slice is
one short transaction; between two slices other processes can write.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import islice
from math import inf
from pathlib import Path
from typing import TypedDict, Unpack

from storage.credit_names import Guests, guests_in, leading, names_in, without_company, without_guests
from storage.credits import Credits
from storage.erasures import Erasures
from storage.errors import DiskFullError, ErasedError, InvalidFactError
from storage.heard_songs import HeardSongs
from storage.imports import (
    ArtistRow,
    ExternalIds,
    Fact,
    FriendRow,
    HeardRow,
    ImportFormatError,
    ListenRow,
    Options,
    Reader,
    RelatedRow,
    Skipped,
    TaggingRow,
    TextRow,
    TrackRow,
)
from storage.imports.related import RelatedReader
from storage.imports.report import ImportReport, Kept
from storage.imports.starter import StarterReader
from storage.listens import Listen
from storage.matching import Matcher
from storage.records import Account, Kind, Subject, Track
from storage.related import RelatedArtists
from storage.store import Store
from storage.text import fold
from storage.texts import Texts
from storage.wording import plain, recording
from storage.writer import Writer

RELATED_FILE = "related.csv"
"""The name of the table of related artists beside a starter catalogue."""

_EDITION = "catalogue"  # the app setting that says which edition of the bundled catalogue is in the database
_BATCH = 4_000  # rows read ahead, outside of any transaction
_SLICE_SECONDS = 0.08
_PAUSE_SECONDS = 0.005  # a waiting writer retries every 2 ms
_NAMES_KEPT = 1 << 15  # names with their ids in memory
_COUNTED_AS = {
    Kind.PLAY: "listens",
    Kind.SKIP: "skips",
    Kind.LIKE: "verdicts",
    Kind.DISLIKE: "verdicts",
    Kind.SAVE: "saved songs",
}


def run_import(
    writer: Writer,
    reader: Reader,
    *,
    progress: Callable[[float], None] | None = None,
    user_id: int | None = None,
    batch: int | None = None,
) -> ImportReport:
    """Store all rows of `reader`; `progress` receives the share of the file that is done, 0 to 1.

    `batch` rows are read before they are stored, 4,000 by default; fewer where reading one takes long.
    `user_id` is the owner of the rows, if all belong to one user: if that user is erased meanwhile, the
    import raises ErasedError and none of it stays.  Raises ImportFormatError if the file's source has the
    name of a chat platform, DiskFullError below `storage.disk.LEAST_FREE`, and StorageError if the database
    cannot be written; rows stored before that stay.
    """
    started = time.monotonic()
    report = ImportReport(reader.source)
    keeper = _Keeper(reader, user_id)
    if reader.source in writer.write(lambda store: store.people.chats()).result():
        raise ImportFormatError(
            "A source cannot be named {}, where people talk; choose another name.", reader.source
        )
    newest = writer.write(
        lambda store: {what: _newest_id(store, what) for what in ("artists", "tracks")}
    ).result()
    with closing(reader.rows()) as rows:
        while some := list(islice(rows, batch or _BATCH)):
            if writer.is_nearly_full:
                raise DiskFullError(
                    "My disk is nearly full: I stopped reading that file, to have room for what people tell "
                    "me. What I read so far stays. Please tell whoever runs me, and send it again later."
                )
            facts = report.take(some)
            done = 0
            while done < len(facts):
                kept = writer.write(partial(keeper.keep, facts[done:])).result()
                kept.add_to(report)
                done += kept.rows
                time.sleep(_PAUSE_SECONDS)
            if progress:
                progress(reader.progress())
    _settle(writer, newest, report)
    if progress:
        progress(1.0)
    report.seconds = time.monotonic() - started
    return report


def _settle(writer: Writer, newest: dict[str, int], report: ImportReport) -> None:
    """Merge new artists and tracks that are the same as others, and subtract them from the new ones."""

    def settled(store: Store) -> dict[str, int]:
        Credits(store.db).settle()
        return {what: -store.music.merged(what, after) for what, after in newest.items()}

    report.new.update(writer.write(settled).result())


def fill_starter(writer: Writer, path: Path) -> ImportReport | None:
    """Fill a database with the catalogue in `path` and `RELATED_FILE` beside it, if there is one.

    That is done where no artist is known, and where an older edition of the catalogue was filled in; else
    nothing is done, and None returned.  All is one transaction: of two processes that start, one fills.
    """
    readers: list[Reader] = [StarterReader(path, Options())]
    if (related := path.with_name(RELATED_FILE)).exists():
        readers.append(RelatedReader(related, Options()))
    return writer.write(partial(_fill, readers)).result()


def _fill(readers: Sequence[Reader], store: Store) -> ImportReport | None:
    edition = "".join(reader.digest() for reader in readers)
    filled = store.people.setting("app", 0, _EDITION)
    if filled == edition or (filled is None and not _takes_starter(store, readers[0].source)):
        return None
    started = time.monotonic()
    report = ImportReport(readers[0].source)
    for reader in readers:
        facts = report.take(reader.rows())
        _Keeper(reader).keep(facts, store, seconds=inf).add_to(report)
    store.people.set_setting("app", 0, _EDITION, edition)
    report.seconds = time.monotonic() - started
    return report


def _takes_starter(store: Store, source: str) -> bool:
    """Tell whether a database is empty, or was filled with a catalogue before editions were kept."""
    if next(store.music.all_artist_ids(), None) is None:
        return True
    return bool(store.db.execute("SELECT 1 FROM track_tags WHERE source = ? LIMIT 1", (source,)).fetchone())


class _Facts(TypedDict, total=False):
    """The optional facts of a track, as `ensure_track` takes them."""

    album: str | None
    year: int | None
    duration_ms: int | None
    explicit: bool | None
    popularity: float | None


class _Keeper:
    """Stores rows, with a cache of recent names and their ids."""

    def __init__(self, reader: Reader, user_id: int | None = None) -> None:
        self._owner = user_id
        self._erasures: int | None = None
        self._users: dict[str, int] = {}
        self._erased: set[str] = set()
        self._source = reader.source
        self._platform = reader.platform
        self._file = lru_cache(maxsize=1)(reader.digest)
        self._now = int(time.time())
        self._matching = lru_cache(maxsize=1)(Matcher)
        self._listener = lru_cache(_NAMES_KEPT)(partial(_digest, size=4))
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
        self._newest = {what: _newest_id(store, what) for what in ("users", "artists", "tracks")}
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
            self._key(row),
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
        # Older databases have the count in the key of a total.
        if self._store.log.has(self._place(row, 0, f"total\0{row.plays}\0{row.artist}\0{row.title or ''}")):
            return False
        return self._store.listens.add_total(total, now=self._now)

    def _add_listens(self) -> None:
        for kind in dict.fromkeys(listen.kind for listen in self._listens):
            some = [listen for listen in self._listens if listen.kind is kind]
            new = self._store.listens.add(some, now=self._now)
            self._kept.kept += new
            self._kept.new[_COUNTED_AS[kind]] += new

    def _key(self, row: ListenRow) -> str:
        """Return a key that is the same for this listen in every run.

        A time tells listens apart, in any spelling of the artist.  Totals have no time: two spellings, or two
        albums, in one table are two totals.  A verdict or a saved track has one key for ever.  Any other row
        is keyed by its line and its file.
        """
        if row.kind in (Kind.LIKE, Kind.DISLIKE, Kind.SAVE):
            return self._place(row, 0, f"{row.kind}\0{row.artist}\0{row.title or ''}")
        if row.at is not None:
            what = "at" if row.kind is Kind.PLAY else row.kind.value
            names = f"{fold(row.artist)}\0{fold(row.title or '')}" if row.artist else repr(row.track_ids)
            return self._place(row, row.at, f"{what}\0{row.at}\0{names}")
        if row.plays is not None:
            return self._place(row, 0, f"total\0{row.artist}\0{row.title or ''}\0{row.album or ''}")
        return self._place(row, row.line, f"line\0{row.line}\0{self._file()}")

    def _place(self, row: ListenRow, place: int, what: str) -> str:
        # The key begins with the user and the time, so a log sorted by either grows the index of keys in few
        # pages: each random key costs a page of the write-ahead log.
        listener = f"{self._platform}\0{row.source or self._source}\0{row.user}"
        return self._listener(listener) + f"{place:08x}" + _digest(f"{listener}\0{what}", 10)

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
        known = RelatedArtists(self._store.db)
        (key, *others) = map(fold, (row.artist, *row.related))
        artists = known.named((key, *others))
        if key not in artists:
            raise InvalidFactError("artist that the catalogue does not have")
        known.set_fame(artists[key], self._source, row.fame)
        new = [known.add_alias(artists[key], name) for name in row.also]
        related = [artists[other] for other in others if other in artists]
        return self._counted("relations", known.relate(artists[key], self._source, related) or any(new))

    def _keep_heard(self, row: HeardRow) -> bool:
        subject = self._subject(row.artist, (), row.title, row.album, row.ids)
        track_id = subject.track_id or 0
        track = self._store.music.track(track_id)
        facts = _Facts(album=row.album, year=row.year, duration_ms=row.duration_ms)
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

    def _ensured(self, artist_id: int, title: str, **facts: Unpack[_Facts]) -> int:
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


def _newest(store: Store) -> dict[str, int]:
    return {what: _newest_id(store, what) for what in ("artists", "tracks")}


def _newest_id(store: Store, table: str) -> int:
    return int(store.db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])


def _digest(words: str, size: int) -> str:
    return blake2b(words.encode(), digest_size=size).hexdigest()
