"""Where the services elsewhere answer, and with which keys; whatever has no key is not offered."""

from dataclasses import dataclass

from recommender.connections.lastfm import API as LASTFM
from recommender.connections.lastfm import Lastfm
from recommender.connections.listenbrainz import ListenBrainz
from recommender.connections.source import Source


@dataclass(frozen=True, slots=True)
class Apis:
    """What an operator has set up."""

    lastfm_key: str = ""
    lastfm_base: str = LASTFM
    listenbrainz_base: str = ""  # "": not to be asked
    poll_seconds: int = 300  # between two looks at what somebody heard

    def sources(self) -> dict[str, Source]:
        """Return the listening services that can be asked, by name."""
        found: list[Source] = []
        if self.lastfm_key:
            found.append(Lastfm(self.lastfm_key, self.lastfm_base))
        if self.listenbrainz_base:
            found.append(ListenBrainz(self.listenbrainz_base))
        return {source.name: source for source in found}
