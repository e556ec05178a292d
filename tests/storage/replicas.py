"""Machines with a database each, and a log between them that keeps the order in which it was written to."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from storage.listening.listens import Listen
from storage.records import Account, Community, Event, Kind, Subject
from storage.replica.foreign_facts import ForeignFacts
from storage.sharing.fact_messages import Message
from storage.sharing.offsets import Offsets, Position
from storage.sharing.outbox import Outbox
from storage.sharing.user_names import UserNames
from storage.store import Store
from storage.users.linking import Linking

TOPIC = "segue.events"
PLACE = Community("discord", "guild", "server", "A server")
_EVENTS = """
    SELECT e.key, e.user_id, artists.key, tracks.key, e.kind, e.at, e.recorded_at, e.plays, e.ms_played,
        e.source, communities.external_id, undone.key,
        (SELECT group_concat(source) FROM (SELECT source FROM event_sources WHERE event_id = e.id ORDER BY 1))
    FROM events AS e LEFT JOIN artists ON artists.id = e.artist_id LEFT JOIN tracks ON tracks.id = e.track_id
    LEFT JOIN communities ON communities.id = e.community_id
    LEFT JOIN events AS undone ON undone.id = e.undoes
"""
_PROFILES = """
    SELECT user_id, artists.key, tracks.key, listens, plays, untimed, verdict, verdict_at, blocked, skipped_at
    FROM profiles JOIN artists ON artists.id = profiles.artist_id
    LEFT JOIN tracks ON tracks.id = profiles.track_id
"""


@dataclass
class Machine:
    """One database that publishes its facts and applies those of the log."""

    path: Path
    store: Store
    sent: int = 0
    applied: int = 0
    log: list[Message] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, template: Path | None = None) -> "Machine":
        if template is not None:
            shutil.copy(template, path)
        store = Store.open(path)
        store.db.execute("PRAGMA synchronous = OFF")
        with store.db.atomic():
            Outbox(store.db).open()
        return cls(path, store)

    def send(self, log: list[Message], n: int = 1 << 30) -> int:
        """Append the next facts of the outbox to the log; return how many there were."""
        facts = Outbox(self.store.db).after(self.sent, n)
        origin = Outbox(self.store.db).origin() or ""
        log += [Message(fact.key.encode(), fact.value, origin, fact.number) for fact in facts]
        self.sent = max([self.sent, *(fact.number for fact in facts)])
        return len(facts)

    def apply(self, log: list[Message], n: int = 1 << 30, *, now: int = 1) -> int:
        """Apply the next messages of the log, in one transaction; return how many there were."""
        some = log[self.applied : self.applied + n]
        if some:
            with self.store.db.atomic():
                facts = ForeignFacts(self.store, now=now)
                refused = facts.apply(some, Position(TOPIC, 0, self.applied + len(some))).refused
            assert refused == []
            self.applied = Offsets(self.store.db).next(TOPIC, 0)
        return len(some)

    def restart(self, log: list[Message], *, now: int = 1) -> None:
        """Forget what was sent, and catch up before anything is sent again."""
        self.sent = 0
        self.apply(log, now=now)

    # --- what people do ---------------------------------------------------------------------------------

    def user(self, name: str, now: int) -> int:
        return self.store.people.ensure(Account(*name.split(":"), name), now=now)

    def react(self, name: str, song: int, kind: Kind, key: str, now: int, *, here: bool = False) -> None:
        with self.store.db.atomic():
            place = self.store.people.ensure_community(PLACE) if here else None
            event = Event(
                key,
                self.user(name, now),
                self.song(song),
                kind,
                name.split(":", maxsplit=1)[0],
                community_id=place,
            )
            self.store.log.append(event, now=now)

    def song(self, number: int) -> Subject:
        artist = self.store.music.ensure_artist(f"Artist {number // 2}", listed=False)
        return Subject(
            artist,
            self.store.music.ensure_track(artist, f"Song {number}", listed=False) if number % 2 else None,
        )

    def undo(self, name: str, key: str, now: int) -> None:
        with self.store.db.atomic():
            user, platform = self.user(name, now), name.split(":", maxsplit=1)[0]
            last = self.store.log.last_action(user)
            for n, line in enumerate(last):
                self.store.log.undo(line.event_id, key=f"{key}{n}", user_id=user, source=platform, now=now)

    def bring(self, name: str, source: str, times: list[int], now: int) -> None:
        with self.store.db.atomic():
            user = self.user(name, now)
            listens = [
                Listen(f"{source}:{name}:{at}", user, *self.song(at % 5), Kind.PLAY, at, None, 9, source)
                for at in times
            ]
            self.store.listens.add(listens, now=now)

    def drop(self, name: str, source: str, now: int) -> None:
        with self.store.db.atomic():
            self.store.listens.erase(self.user(name, now), source)

    def visible(self, name: str, value: str, now: int) -> None:
        with self.store.db.atomic():
            place = self.store.people.ensure_community(PLACE)
            self.store.people.set_setting("user", self.user(name, now), f"visible:{place}", value)

    def link(self, host: str, guest: str, now: int) -> None:
        with self.store.db.atomic():
            users = self.user(host, now), self.user(guest, now)
            if users[0] != users[1]:
                Linking(self.store.db).join(*users, "", now=now)

    def part(self, name: str, now: int) -> None:
        with self.store.db.atomic():
            Linking(self.store.db).part(self.user(name, now), now=now)

    def forget(self, name: str, now: int) -> None:
        user = self.store.people.find(*name.split(":"))
        if user is not None:
            with self.store.db.atomic():
                self.store.people.forget(user, now=now)

    def called(self, name: str, said: str, now: int) -> None:
        with self.store.db.atomic():
            self.store.people.ensure(Account(*name.split(":"), said), now=now)

    # --- what it has ------------------------------------------------------------------------------------

    def facts(self) -> dict[str, object]:
        """Return everything that machines share, in names that mean the same on all of them."""
        db, names = self.store.db, UserNames(self.store.db)

        def of(user_id: int) -> tuple[str, ...]:
            return tuple(names.name(names.host(user_id)) or ())

        settings = db.execute("SELECT scope_id, name, value FROM settings WHERE scope = 'user'").fetchall()
        places = {f"visible:{one.id}": "visible" for one in _ids(self.store)}
        return {
            "events": sorted((row[0], of(row[1]), *row[2:]) for row in db.execute(_EVENTS).fetchall()),
            "profiles": sorted(map(repr, ((of(row[0]), *row[1:]) for row in db.execute(_PROFILES)))),
            "accounts": sorted(
                (*row[:3], of(row[3]))
                for row in db.execute("SELECT platform, external_id, name, user_id FROM accounts")
            ),
            "settings": sorted(
                (tuple(names.name(user) or ()), places.get(name, name), value)
                for user, name, value in settings
            ),
            "links": sorted(
                (of(host), tuple(names.name(guest) or ()))
                for host, guest in db.execute("SELECT host_id, guest_id FROM links WHERE parted_at IS NULL")
            ),
        }


@dataclass
class _Place:
    id: int


def _ids(store: Store) -> list[_Place]:
    return [_Place(row) for (row,) in store.db.execute("SELECT id FROM communities")]


def settle(machines: list[Machine], log: list[Message], *, now: int = 1) -> None:
    """Send and apply until nothing is left to do."""
    for _ in range(20):
        moved = sum(machine.send(log) + machine.apply(log, now=now) for machine in machines)
        if not moved:
            return
    raise AssertionError("the machines never finish")
