"""Payloads of requests: what each kind asks for.  Every field outside of its bounds is refused."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.requests.song_ids import SongId
from storage.records import FEATURES

MOST_SONGS = 50
Words = Annotated[str, Field(min_length=1, max_length=200)]
Size = Annotated[
    int, Field(ge=1, le=MOST_SONGS, description="How many songs to return at most.", examples=[5])
]
_FACETS = "Go by sound, by words (genres and moods) or by listeners alone; leave it out to use all three."


class Payload(BaseModel):
    """A payload: unknown fields are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AudioFeatures(Payload):
    """The sound of a song in numbers, as in Spotify's tables of audio features; give at least one."""

    danceability: float | None = Field(default=None, ge=0, le=1, examples=[0.7])
    energy: float | None = Field(default=None, ge=0, le=1, examples=[0.4])
    key: float | None = Field(default=None, ge=0, le=11, description="Pitch class: 0 is C, 11 is B.")
    loudness: float | None = Field(default=None, ge=-60, le=10, description="Decibels.", examples=[-8.5])
    mode: float | None = Field(default=None, ge=0, le=1, description="1 is major, 0 is minor.")
    speechiness: float | None = Field(default=None, ge=0, le=1)
    acousticness: float | None = Field(default=None, ge=0, le=1)
    instrumentalness: float | None = Field(default=None, ge=0, le=1)
    liveness: float | None = Field(default=None, ge=0, le=1)
    valence: float | None = Field(default=None, ge=0, le=1, description="0 is sad, 1 is happy.")
    tempo: float | None = Field(default=None, gt=0, le=400, description="Beats a minute.", examples=[118])

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.given:
            raise ValueError("give at least one audio feature")
        return self

    @property
    def given(self) -> tuple[tuple[str, float], ...]:
        """The features that were given, by name."""
        return tuple((name, value) for name in FEATURES if (value := getattr(self, name)) is not None)


class SimilarPayload(Payload):
    """Ask for songs like one song or artist, or with a given sound: exactly one of the three."""

    song: SongId | None = None
    name: Words | None = Field(
        default=None, description="A name, `artist - title`, a link or an ISRC.", examples=["Portishead"]
    )
    features: AudioFeatures | None = None
    by: Literal["sound", "words", "listeners"] | None = Field(default=None, description=_FACETS)
    n: Size = 5

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(given is not None for given in (self.song, self.name, self.features)) != 1:
            raise ValueError("give exactly one of song, name and features")
        if self.features is not None and self.by is not None:
            raise ValueError("by goes with a song or a name; features are compared by sound anyway")
        return self


class RecommendPayload(Payload):
    """Ask for songs for this user."""

    wish: Words | None = Field(
        default=None,
        description="What the songs should be, in words; leave it out for any.",
        examples=["sad jazz from the 60s"],
    )
    n: Size = 5


class ReactPayload(Payload):
    """Say what the user thinks of a song.

    It is one on a list (`slate` and `position`), or any (`song` or `name`).
    """

    verdict: Literal["like", "dislike", "skip", "none"] = Field(
        description="`none` takes back what was said before. Saying the same again changes nothing.",
        examples=["like"],
    )
    slate: int | None = Field(default=None, ge=1, le=2**53, description="The list, as a result names it.")
    position: int | None = Field(default=None, ge=0, lt=1000, description="The place on that list, from 0.")
    song: SongId | None = None
    name: Words | None = Field(default=None, description="A name, `artist - title`, a link or an ISRC.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        listed = self.slate is not None and self.position is not None
        if (self.slate is None) != (self.position is None):
            raise ValueError("slate and position go together")
        if listed + (self.song is not None) + (self.name is not None) != 1:
            raise ValueError("give exactly one of slate with position, song, and name")
        return self


class SearchPayload(Payload):
    """Look for songs and artists by the beginning of their names."""

    text: Words = Field(examples=["radioh"])
    n: Annotated[int, Field(ge=1, le=25)] = 10


class WhyPayload(Payload):
    """Ask why songs were recommended: one of a list, or all of it."""

    slate: int = Field(ge=1, le=2**53, description="The list, as a result names it.")
    position: int | None = Field(default=None, ge=0, lt=1000, description="The place on it, from 0.")
