"""Types of a recommendation: query, slate and explanation."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

from storage.records import Kind, Subject

Facet = Literal["", "sound", "words", "listeners"]
"""Criterion of similarity; "" combines all three."""

ReasonKind = Literal[
    "because",
    "related",
    "artist",
    "mood",
    "tempo",
    "tags",
    "community",
    "popular",
    "famous",
    "new",
    "start",
    "sound",
]
BY_SCORE: tuple[ReasonKind, ...] = ("because", "related")
"""The kinds whose cause is the known item that raises a scorer's score most."""


class WishPart(NamedTuple):
    """A part of a wish: ("genre", "jazz"), ("mood", "sad", without=True), ("era", "1980-1989")."""

    kind: str
    """genre, tag, mood, activity, era, country, language, sound, tempo, known, like, by"""
    value: str
    without: bool = False  # asked to be left out
    more: bool = False  # compared: "happier", "more energetic"

    def __str__(self) -> str:
        """Return it in short: "-genre:jazz", "+mood:happy"."""
        return f"{'-' if self.without else '+' if self.more else ''}{self.kind}:{self.value}"


_PAIRS = ("away", "wish", "artists", "dropped", "heard", "features")  # fields of a query


@dataclass(frozen=True, slots=True)
class Query:
    """A request for a slate: "for me", "something dreamy", "like this one"."""

    user_id: int
    n: int = 5
    community_id: int | None = None
    seeds: tuple[Subject, ...] = ()  # "like this one"; empty: from the user's likes
    tags: tuple[str, ...] = ()  # requested genres or moods; every answer has all of them
    others: tuple[int, ...] = ()  # users who listen together: the slate is for all of them
    away: tuple[Subject, ...] = ()  # "like this one, but not like that one"
    by: Facet = ""  # criterion of "like this one"
    wish: tuple[WishPart, ...] = ()  # soft: what it is impossible to keep is left out
    artists: tuple[Subject, ...] = ()  # only songs of theirs
    dropped: tuple[WishPart, ...] = ()  # parts that were left out, since nothing had all of them
    heard: tuple[tuple[str, float], ...] = ()  # "like this clip": its words with probabilities
    features: tuple[tuple[str, float], ...] = ()  # "with this sound": audio features by name

    def to_json(self) -> dict[str, Any]:
        """Return the query as stored with its slate."""
        asked: dict[str, Any] = {"n": self.n, "seeds": list(map(list, self.seeds)), "tags": list(self.tags)}
        pairs = {name: list(map(list, getattr(self, name))) for name in _PAIRS}
        told = {"others": list(self.others), "by": self.by, **pairs}
        return asked | {name: value for name, value in told.items() if value}

    @classmethod
    def from_json(cls, asked: dict[str, Any], user_id: int, community_id: int | None) -> Self:
        """Return the query from `to_json`; older ones kept moods and rarity apart."""
        seeds, away, artists = (
            tuple(Subject(*one) for one in asked.get(key, ())) for key in ("seeds", "away", "artists")
        )
        wish, dropped = (tuple(WishPart(*one) for one in asked.get(key, ())) for key in ("wish", "dropped"))
        wish += tuple(WishPart("mood", word) for word in asked.get("moods", ()))
        wish += (WishPart("known", "deep"),) if asked.get("rare") else ()
        tags, others, by = tuple(asked["tags"]), tuple(asked.get("others", ())), asked.get("by", "")
        heard, features = (
            tuple((str(name), float(value)) for name, value in asked.get(key, ()))
            for key in ("heard", "features")
        )
        said = (seeds, tags, others, away, by, wish, artists, dropped, heard, features)
        return cls(user_id, asked["n"], community_id, *said)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reason for a recommendation; true when it was made.

    `because`: removing `cause` from what is known of the listener lowers the score most; asked for more like
    something, `count` people listen to both, where there are enough of them to be told.  `related`: so does
    removing `cause`, and it is generally known that its fans like the artist.
    `tags`: it carries the genres or moods asked for.  `community`: `count` people of this place like the
    cause, which is the song itself or its artist.  `popular`: `count` people do, anywhere.

    `artist`: it is by the cause, an artist the user likes, or by the artist of a liked track. `mood`: it
    has the mood words in `tags`, as does the cause, which the user likes. `tempo`: it has `count` beats
    per minute, the same tempo as the cause, which the user likes. `new`: almost none of this community's
    many members like it. `famous`: it is generally known that many people
    like the artist. `start`: nothing connects it to the user's known items.
    `sound`: it sounds like a clip that the user sent, which `tags` describe.
    """

    kind: ReasonKind
    cause: Subject | None = None
    tags: tuple[str, ...] = ()  # shared with the cause, or with the request
    count: int | None = None
    scorer: str = ""  # the scorer with the most weight
    drop: float = 0.0  # that scorer's drop without the cause
    played: bool = False  # the cause was played and never liked

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as stored with its impression."""
        return {
            "kind": self.kind,
            "cause": self.cause,
            "tags": self.tags,
            "count": self.count,
            "scorer": self.scorer,
            "drop": self.drop,
            "played": self.played,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the explanation from `to_json`."""
        cause = data.get("cause")
        return cls(
            **{**data, "cause": Subject(*cause) if cause else None, "tags": tuple(data.get("tags", ()))}
        )


class Recommendation(NamedTuple):
    """A track, or an artist without a known track, with its explanation and the policy's log."""

    subject: Subject
    score: float
    explanation: Explanation
    propensity: float
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Song:
    """A track, or an artist if `title` is None, with names."""

    subject: Subject
    artist: str
    title: str | None = None
    year: int | None = None

    @property
    def label(self) -> str:
        """The name in one line: "Queen - Bohemian Rhapsody", or "Queen"."""
        return self.artist if self.title is None else f"{self.artist} - {self.title}"


@dataclass(frozen=True, slots=True)
class Listener:
    """The user who asks, and the community of the request."""

    user_id: int
    community_id: int | None
    platform: str


@dataclass(frozen=True, slots=True)
class Pick:
    """One position of a served slate."""

    position: int  # from 0
    song: Song
    explanation: Explanation
    cause: Song | None = None  # the explanation's cause, by name
    verdict: Kind | None = None  # the user's verdict on it: LIKE, DISLIKE or SKIP
    experiment: bool = False  # shown to learn, although another track had a higher expected reward
    propensity: float = 1.0  # with what probability the policy put it here


@dataclass(frozen=True, slots=True)
class ServedSlate:
    """A slate with names, ready to show."""

    id: int
    query: Query
    picks: tuple[Pick, ...]  # at most as many as requested
    seeds: tuple[Song, ...] = ()
    away: tuple[Song, ...] = ()  # what it must be unlike
    artists: tuple[Song, ...] = ()  # whose songs were asked for
    policy: str = ""  # what chose the songs
    snapshot: str = ""  # version of the models that they were chosen with


@dataclass(frozen=True, slots=True)
class Resolution:
    """The meaning of a name.

    `song` set: an exact match; `others` are that artist's best-known tracks. `song` None: suggestions in
    `others` (at most 5, best first), empty if nothing is close.
    """

    song: Song | None
    others: tuple[Song, ...] = ()
    corrected: bool = False  # found despite a different spelling
    scheme: str = ""  # "spotify", "isrc" ... of a link or code that is not in the catalogue


@dataclass(frozen=True, slots=True)
class Share:
    """A bar of a profile."""

    name: str
    weight: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Outlook:
    """Expected success and certainty about a user; only with a population."""

    likes: float  # expected likes among the user's ten best artists
    sure: float  # share of the taste's variance explained by the reactions, 0 to 1


@dataclass(frozen=True, slots=True)
class TasteProfile:
    """A user's taste in figures."""

    likes: int
    dislikes: int
    plays: int
    artists: tuple[Share, ...]
    tags: tuple[Share, ...]
    decades: tuple[Share, ...]
    blocked: tuple[Song, ...]
    outlook: "Outlook | None" = None
    shares_of: Literal["plays", "likes"] = "plays"  # unit of the shares
    moods: tuple[Share, ...] = ()  # mood words, without genres


VERDICTS = (Kind.LIKE, Kind.DISLIKE, Kind.SKIP)
