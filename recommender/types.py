"""The words of a recommendation: what is asked, what is answered, and why."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

from storage.records import Kind, Subject

Facet = Literal["", "sound", "words", "listeners"]
"""What a likeness goes by; "" is all three together."""

ReasonKind = Literal[
    "because", "related", "artist", "mood", "tempo", "tags", "community", "popular", "new", "start"
]
BY_SCORE: tuple[ReasonKind, ...] = ("because", "related")
"""The kinds whose cause is the known item that raises a scorer's score most."""


@dataclass(frozen=True, slots=True)
class Query:
    """Every ask is one of these: "for me", "something dreamy", "like this one"."""

    user_id: int
    n: int = 5
    community_id: int | None = None
    seeds: tuple[Subject, ...] = ()  # "like this one"; empty: from what the user likes
    tags: tuple[str, ...] = ()  # genres or moods wished for; every answer carries all of them
    others: tuple[int, ...] = ()  # users who listen along: the answer is for all of them
    away: tuple[Subject, ...] = ()  # "like this one, but not like that one"
    by: Facet = ""  # what "like this one" goes by
    moods: tuple[str, ...] = ()  # words for how it should feel: see `recommender.content.moods`
    rare: bool = False  # only songs that few people play

    def to_json(self) -> dict[str, Any]:
        """Return the query as it is kept with its slate."""
        asked: dict[str, Any] = {"n": self.n, "seeds": list(map(list, self.seeds)), "tags": list(self.tags)}
        if self.others:
            asked["others"] = list(self.others)
        if self.away:
            asked["away"] = [list(seed) for seed in self.away]
        if self.by:
            asked["by"] = self.by
        if self.moods:
            asked["moods"] = list(self.moods)
        return {**asked, "rare": True} if self.rare else asked

    @classmethod
    def from_json(cls, asked: dict[str, Any], user_id: int, community_id: int | None) -> Self:
        """Return the query that `to_json` wrote."""
        seeds, away = (tuple(Subject(*seed) for seed in asked.get(k, ())) for k in ("seeds", "away"))
        tags, others = tuple(asked["tags"]), tuple(asked.get("others", ()))
        moods, rare = tuple(asked.get("moods", ())), asked.get("rare", False)
        by = asked.get("by", "")
        return cls(user_id, asked["n"], community_id, seeds, tags, others, away, by, moods, rare)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something was recommended; true at the moment it was said.

    `because`: removing `cause` from what is known of the listener lowers the score most; asked for more like
    something, `count` people listen to both, where there are enough of them to be told.  `related`: so does
    removing `cause`, and it is generally known that its fans like the artist.
    `tags`: it carries the genres or moods asked for.  `community`: `count` people of this place like the
    cause, which is the song itself or its artist.  `popular`: `count` people do, anywhere.

    `artist`: it is by the cause, an artist whom the listener likes, or by the artist of a song that is.
    `mood`: it carries the words for a mood in `tags`, as does the cause, which the listener likes.
    `tempo`: it has `count` beats a minute and is as fast as the cause, which the listener likes.  `new`: of
    many people here hardly any like it.  `start`: nothing links it to what is known.
    """

    kind: ReasonKind
    cause: Subject | None = None
    tags: tuple[str, ...] = ()  # what it shares with the cause, or with the wish
    count: int | None = None
    scorer: str = ""  # the opinion that weighed most
    drop: float = 0.0  # by how much that opinion falls without the cause
    played: bool = False  # the cause was listened to, and nobody has said that it is liked

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as it is kept with its impression."""
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
        """Return the explanation that `to_json` wrote."""
        cause = data.get("cause")
        return cls(
            **{**data, "cause": Subject(*cause) if cause else None, "tags": tuple(data.get("tags", ()))}
        )


class Recommendation(NamedTuple):
    """One song, or an artist without a known song, with its reason and what the policy logged."""

    subject: Subject
    score: float
    explanation: Explanation
    propensity: float
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Song:
    """A track, or an artist where `title` is None, by the names people know."""

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
    """The person who asks, and the place where they ask."""

    user_id: int
    community_id: int | None
    platform: str


@dataclass(frozen=True, slots=True)
class Pick:
    """One line of a served slate."""

    position: int  # from 0
    song: Song
    explanation: Explanation
    cause: Song | None = None  # the explanation's cause, by name
    verdict: Kind | None = None  # what the listener said of it, if anything: LIKE, DISLIKE or SKIP
    experiment: bool = False  # shown to learn from it, where something else was expected to please more


@dataclass(frozen=True, slots=True)
class ServedSlate:
    """A slate with names, ready to be said."""

    id: int
    query: Query
    picks: tuple[Pick, ...]  # may be fewer than asked for, never more
    seeds: tuple[Song, ...] = ()
    away: tuple[Song, ...] = ()  # what it is to be unlike


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person meant by a name.

    `song` set: this one, without doubt; `others` are then that artist's best-known songs.
    `song` None: one of `others` (at most 5, best first), or nothing near where `others` is empty.
    """

    song: Song | None
    others: tuple[Song, ...] = ()
    corrected: bool = False  # found although spelt differently
    scheme: str = ""  # "spotify", "isrc" ... where a link or code names what is not in the catalogue


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of a profile."""

    name: str
    weight: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is believed of a listener, and how sure that is; only where there is a population to go by."""

    likes: float  # of the ten artists that suit her best, how many she is expected to like
    sure: float  # share of what was unknown of her taste that her reactions have settled, 0 to 1


@dataclass(frozen=True, slots=True)
class TasteProfile:
    """What is known of a listener, summed up."""

    likes: int
    dislikes: int
    plays: int
    artists: tuple[Share, ...]
    tags: tuple[Share, ...]
    decades: tuple[Share, ...]
    blocked: tuple[Song, ...]
    outlook: "Outlook | None" = None
    shares_of: Literal["plays", "likes"] = "plays"  # what the shares are counted in
    moods: tuple[Share, ...] = ()  # words for how the music feels; no genres


VERDICTS = (Kind.LIKE, Kind.DISLIKE, Kind.SKIP)
