"""Next song: how well the next play of a session is foretold, through the code that the service runs.

Sessions end where nothing is played for half an hour.  A catalogue of all songs is imported, as a service has
one, and the earlier sessions, which are learned from.  Of the later ones, in order of time, every play is
asked for after those before it; once a session is over its plays are stored, as when they come in from a
service.  As in a radio, no song is asked for that the session has had; an artist may come again.

Sources: Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", User Modeling and
User-Adapted Interaction 28 (2018), for protocol, V-SKNN and sequential rules.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from recommender import training
from recommender.arrays import Doubles, Ints, Mask
from recommender.errors import EvaluationError
from recommender.evaluation.dated_log import DatedLog, PastReader
from recommender.next_song.expert_weights import gain
from recommender.next_song.experts import ON_AXIS, JustPlayed, by_artist
from recommender.next_song.sequences import Item
from recommender.pipeline.user_profile import UserProfile
from recommender.radio.upcoming import Played, upcoming
from recommender.scorers import Opinion, Profile
from recommender.snapshot import Snapshot
from recommender.training.facts import read_facts
from recommender.types import Query
from storage.imports import ListenRow
from storage.ingest.importer import run_import
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

Watch = Callable[[str, float], None]
MODELS = {"neighbours": "V-SKNN", "rules": "sequential rules", "transitions": "transitions"} | {
    "ensemble": "ensemble",
    "blend": "blend",
    "served": "served",
}
TASKS = {"song": "next song", "artist": "next artist"} | {
    "new song": "next song, new to the person",
    "new artist": "next artist, new to the person",
}
_PAST = 0.8  # share of the sessions
_DEPTH = 20
_MISSED = np.inf


class Ranked(NamedTuple):
    """Some items of one axis with their scores."""

    items: Ints
    scores: Doubles

    def place(self, item: int, allowed: Mask) -> float:
        """Return the place of an item among those allowed, from 0, ties shared; infinite if not named."""
        kept = allowed[self.items] & (self.scores > 0)
        at = np.flatnonzero((self.items == item) & kept)
        if not len(at):
            return _MISSED
        scores, best = self.scores[kept], self.scores[at[0]]
        return float(np.count_nonzero(scores > best) + (np.count_nonzero(scores == best) - 1) / 2)


@dataclass(eq=False)
class Places:
    """The place of what came next, by task, model and session."""

    found: dict[str, dict[str, dict[int, list[float]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    )

    def note(self, task: str, session: int, places: dict[str, float]) -> None:
        """Add one step of a session."""
        for model, place in places.items():
            self.found[task][model][session].append(place)

    def figures(self, task: str, model: str) -> dict[str, float]:
        """Return NDCG@20, hit@20 and MRR with their standard errors over sessions."""
        sessions = [np.array(places) for places in self.found[task][model].values()]
        values = {
            "ndcg@20": [gain(one).mean() for one in sessions],
            "hit@20": [(one < _DEPTH).mean() for one in sessions],
            "mrr": [(1 / (one + 1)).mean() for one in sessions],
        }
        means = {name: float(np.mean(one)) for name, one in values.items()}
        return means | {f"{name} se": _error(np.array(one)) for name, one in values.items()}

    def ahead(self, task: str, other: str) -> tuple[float, float]:
        """Return by how much NDCG@20 of the served is above another's, with its error, paired by session."""
        mine, theirs = self.found[task]["served"], self.found[task][other]
        pairs = [gain(np.array(mine[s])).mean() - gain(np.array(theirs[s])).mean() for s in mine]
        return float(np.mean(pairs)), _error(np.array(pairs))


def _error(values: Doubles) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def foretell(log: DatedLog, *, sessions: int, steps: int, seed: int, watch: Watch) -> Places:
    """Ask what comes next in at most `sessions` later sessions, after at most `steps` of their plays."""
    first = int(_PAST * len(log.sequences))
    until = int(log.sequences.ended[first - 1])
    later = [s for s in range(first, len(log.sequences)) if (log.session(s)[0].at or 0) > until]
    if not later:
        raise EvaluationError("There is no session after the first four fifths of them.")
    past = tuple(row for row in log.rows if (row.at or 0) <= until)
    with TemporaryDirectory(prefix="segue-") as folder:
        path = Path(folder) / "next.db"
        with Writer(path) as writer:
            watch("importing", 0.0)
            run_import(writer, PastReader((*log.catalogue(), *past)))
        with Store.open(path) as store:
            watch("learning", 0.0)
            snapshot = training.fit(read_facts(store, now=until + 1), seed=seed, now=until + 1)
            if snapshot.next_song is None:
                raise EvaluationError("There is no session to learn from.")
            asked = _Asked(store, snapshot, _subjects(store, log), seed)
            places = Places()
            for number, session in enumerate(later):
                watch("asking", number / len(later))
                if number < sessions:
                    asked.session(log.session(session), session, steps, places)
                asked.store_plays(log.session(session), session)
    return places


def _subjects(store: Store, log: DatedLog) -> dict[tuple[str, str | None], Subject]:
    """Return what each name of the log is in the database."""
    found = {}
    for name in {(row.artist, row.title) for row in log.rows}:
        artist = store.music.ensure_artist(name[0])
        track = None if name[1] is None else store.music.ensure_track(artist, name[1])
        found[name] = Subject(artist, track)
    return found


class _Asked:
    """The models of one snapshot, asked step by step."""

    def __init__(
        self, store: Store, snapshot: Snapshot, subjects: dict[tuple[str, str | None], Subject], seed: int
    ) -> None:
        self._store, self._snapshot, self._subjects, self._seed = store, snapshot, subjects, seed

    def session(self, rows: list[ListenRow], number: int, steps: int, places: Places) -> None:
        """Ask for each play of a session after those before it, and note where it was found."""
        user = self._user(rows[0])
        played: list[Subject] = []
        for step, row in enumerate(rows[: steps + 1]):
            subject = self._subjects.get((row.artist, row.title))
            if step and played:
                self._step(user, played, row, subject, number, places)
            if subject is not None:
                played.append(subject)

    def store_plays(self, rows: list[ListenRow], number: int) -> None:
        """Store the plays of a session that is over, as far as the database knows their songs."""
        user = self._user(rows[0])
        for step, row in enumerate(rows):
            if (subject := self._subjects.get((row.artist, row.title))) is not None:
                event = Event(f"next:{number}:{step}", user, subject, Kind.PLAY, "plays", row.at)
                self._store.log.append(event, now=row.at or 0)

    def _user(self, row: ListenRow) -> int:
        return self._store.people.ensure(Account("plays", row.user, row.user), now=row.at or 0)

    def _step(
        self,
        user: int,
        played: list[Subject],
        row: ListenRow,
        subject: Subject | None,
        number: int,
        places: Places,
    ) -> None:
        snapshot, now = self._snapshot, float(row.at or 0)
        profile = self._store.profiles.made(user, UserProfile.read)
        artists, songs = (Profile(*each) for each in profile.placed(snapshot).rows(now))
        recent = _columns(snapshot, played)
        # What nobody played before the split has no column, and is missed by all alike.
        target = _columns(snapshot, [subject]) if subject is not None else Item(_NOBODY, _NOBODY)
        artist, song = (int(each[0]) if len(each) else -1 for each in target)
        ranked = dict(self._ranked(user, played, recent, JustPlayed(recent, artists, songs), now))
        n_songs, n_artists = len(snapshot.tracks.items), len(snapshot.artists.items)
        left = _without(n_songs, recent.track[recent.track >= 0])
        new_songs, new_artists = _without(n_songs, songs.items), _without(n_artists, artists.items)
        everybody = np.ones(n_artists, dtype=np.bool_)

        def note(task: str, axis: int, item: int, allowed: Mask) -> None:
            found = {name: pair[axis].place(item, allowed) for name, pair in ranked.items()}
            places.note(task, number, found)

        if row.title is not None and (song < 0 or left[song]):
            note("song", 0, song, left)
            if song < 0 or new_songs[song]:
                note("new song", 0, song, left & new_songs)
        note("artist", 1, artist, everybody)
        if artist < 0 or new_artists[artist]:
            note("new artist", 1, artist, new_artists)

    def _ranked(
        self, user: int, played: list[Subject], recent: Item, context: JustPlayed, now: float
    ) -> Iterator[tuple[str, tuple[Ranked, Ranked]]]:
        """Yield each model's songs and artists."""
        snapshot = self._snapshot
        model = snapshot.next_song
        if model is None:
            raise TypeError("the snapshot was checked for a model")
        said = model.told(snapshot.ensembles, context)
        for name, song, artist in zip(ON_AXIS, said.songs, said.artists[:-1], strict=True):
            if name in MODELS:
                yield name, (_of(song), _of(artist))
        tracks = np.setdiff1d(said.names(snapshot.discography), recent.track).astype(np.int32)
        owners = snapshot.track_artists[tracks]
        known = np.isin(tracks, context.songs.items)
        odds = model.odds(said, tracks, owners, snapshot.discography, known)
        yield "blend", (Ranked(tracks, odds), Ranked(*by_artist(owners, odds)))
        rng = np.random.default_rng(self._seed)
        radio = [Played(subject) for subject in played]
        found = upcoming(self._store, snapshot, Query(user, 1), radio, rng, now=now).ranked
        values = found.fresh.astype(np.float64)
        yield "served", (Ranked(found.tracks, values), Ranked(*by_artist(found.artists, values)))


_NOBODY: Ints = np.zeros(0, dtype=np.int32)


def _of(opinion: Opinion) -> Ranked:
    return Ranked(opinion.items, opinion.scores.astype(np.float64))


def _without(n: int, items: Ints) -> Mask:
    left: Mask = np.ones(n, dtype=np.bool_)
    left[items] = False
    return left


def _columns(snapshot: Snapshot, subjects: list[Subject]) -> Item:
    artists = snapshot.artists.items.columns(np.array([s.artist_id for s in subjects], dtype=np.int64))
    ids = np.array([-1 if s.track_id is None else s.track_id for s in subjects], dtype=np.int64)
    return Item(artists.astype(np.int32), snapshot.tracks.items.columns(ids).astype(np.int32))


def report(places: Places) -> dict[str, Any]:
    """Return {task: {"steps": n, "sessions": n, "models": {model: figures}, "served above": {...}}}."""
    figures: dict[str, Any] = {}
    for task, models in places.found.items():
        steps = [len(one) for one in models["served"].values()]
        ahead = {other: places.ahead(task, other) for other in models if other != "served"}
        figures[task] = {
            "steps": sum(steps),
            "sessions": len(steps),
            "models": {name: _rounded(places.figures(task, name)) for name in models},
            "served above": {
                other: {"ndcg@20": round(mean, 4), "se": round(error, 4)}
                for other, (mean, error) in ahead.items()
            },
        }
    return figures


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}
