"""External services: their addresses and keys; a service without a key is not offered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.catalog import addresses
from recommender.catalog.cover_art import CoverArtArchive, SpotifyPictures
from recommender.catalog.errands import AtLastfm, AtMusicBrainz, AtSpotify, Service
from recommender.catalog.listenbrainz_data import ListenBrainzData
from recommender.catalog.lookup.deezer import Deezer
from recommender.catalog.lookup.found import Client
from recommender.catalog.lookup.itunes import Itunes
from recommender.catalog.lookup.listenbrainz_lookup import ListenBrainzLookup
from recommender.catalog.lookup.musicbrainz_search import MusicBrainzSearch
from recommender.catalog.lookup.pages import LinkedPages
from recommender.catalog.musicbrainz import MusicBrainz
from recommender.catalog.spotify_api import SpotifyApi
from recommender.catalog.web import AGENT, Web
from recommender.connections.listenbrainz import ListenBrainz
from recommender.connections.source import Source

if TYPE_CHECKING:  # what one service needs is loaded where its key is set
    from recommender.connections.lastfm import Lastfm
    from recommender.connections.spotify_sign_in import SpotifyApp
    from recommender.connections.vault import Vault

LOOKUPS = ("listenbrainz", "musicbrainz", "deezer", "itunes")
"""Services where unknown names can be looked up without a key, in their usual order."""


@dataclass(frozen=True, slots=True)
class Apis:
    """The operator's settings for external services."""

    lastfm_key: str = ""
    lastfm_base: str = addresses.LASTFM
    listenbrainz_base: str = ""  # "": disabled
    listenbrainz_labs: str = addresses.LISTENBRAINZ_LABS
    listenbrainz_token: str = ""
    listenbrainz_algorithms: str = ""  # names with commas between them, best first
    listenbrainz_daily: int = 0  # requests per day for what listeners there also play; 0: none
    listenbrainz_pause: float = 1.0  # seconds between two requests; ListenBrainz asks for at least one
    spotify_id: str = ""
    spotify_secret: str = ""
    spotify_redirect: str = addresses.SPOTIFY_REDIRECT
    spotify_base: str = addresses.SPOTIFY
    spotify_accounts: str = addresses.SPOTIFY_ACCOUNTS
    spotify_market: str = ""
    token_keys: str = ""
    enriches: bool = False  # whether tracks are looked up in the background
    musicbrainz_contact: str = ""  # "": disabled
    musicbrainz_base: str = addresses.MUSICBRAINZ
    musicbrainz_pause: float = 1.1  # seconds between two requests; MusicBrainz asks for at least one
    cover_art_base: str = addresses.COVER_ART
    oembed_base: str = addresses.SPOTIFY_OEMBED
    lookups: tuple[str, ...] = ()  # where unknown names are looked up, in this order; see `LOOKUPS`
    deezer_base: str = addresses.DEEZER
    deezer_links_base: str = addresses.DEEZER_LINKS
    itunes_base: str = addresses.ITUNES
    youtube_base: str = addresses.YOUTUBE_OEMBED
    soundcloud_base: str = addresses.SOUNDCLOUD_OEMBED
    tidal_base: str = addresses.TIDAL
    bandcamp_base: str = addresses.BANDCAMP
    releases_daily: int = 0  # requests per day to MusicBrainz for new releases; 0: none are looked for
    poll_seconds: int = 300  # seconds between two readings of a connection
    snapshots: str = ""  # where another machine publishes what it learned, see `training.published`

    def musicbrainz(self) -> MusicBrainz | None:
        """Return the one connection to MusicBrainz, which all who ask it share; None without a contact."""
        if not self.musicbrainz_contact:
            return None
        return MusicBrainz(self.musicbrainz_contact, self.musicbrainz_base, pause=self.musicbrainz_pause)

    def listenbrainz_data(self) -> ListenBrainzData | None:
        """Return a client for what everybody at ListenBrainz plays, None if that is switched off."""
        if not (self.enriches and self.listenbrainz_base and self.listenbrainz_daily):
            return None
        return ListenBrainzData.at(
            self.listenbrainz_base,
            self.listenbrainz_labs,
            self.listenbrainz_algorithms,
            token=self.listenbrainz_token,
            contact=self.musicbrainz_contact,
            pause=self.listenbrainz_pause,
        )

    def fresh_releases(self) -> Web | None:
        """Return the connection to where new releases are listed, None if that is switched off."""
        if not (self.enriches and self.listenbrainz_base and self.releases_daily):
            return None
        contact = f" ( {self.musicbrainz_contact} )" if self.musicbrainz_contact else ""
        return Web(
            "ListenBrainz", self.listenbrainz_base, agent=f"{AGENT}{contact}", pause=self.listenbrainz_pause
        )

    def clients(self, brainz: MusicBrainz | None) -> list[Client]:
        """Return the services where unknown names are looked up, in order."""
        made: dict[str, Callable[[], Client | None]] = {
            "listenbrainz": lambda: ListenBrainzLookup(
                self.listenbrainz_base or addresses.LISTENBRAINZ,
                self.musicbrainz_contact,
                token=self.listenbrainz_token,
                pause=self.listenbrainz_pause,
            ),
            "musicbrainz": lambda: MusicBrainzSearch(brainz) if brainz else None,
            "deezer": lambda: Deezer(self.deezer_base),
            "itunes": lambda: Itunes(self.itunes_base),
        }
        return [client for name in self.lookups if (client := made[name]()) is not None]

    def pages(self) -> LinkedPages | None:
        """Return what tells the names behind links; None where nothing is looked up."""
        if not self.lookups:
            return None
        return LinkedPages(
            youtube=self.youtube_base,
            soundcloud=self.soundcloud_base,
            spotify=self.oembed_base,
            tidal=self.tidal_base,
            bandcamp=self.bandcamp_base,
            deezer=self.deezer_links_base,
        )

    def enrichers(self, brainz: MusicBrainz | None) -> list[Service]:
        """Return the services that look up shown and heard tracks in the background."""
        if not self.enriches:
            return []
        found: list[Service] = [AtSpotify(SpotifyPictures(self.oembed_base))]
        if brainz is not None:
            found.append(AtMusicBrainz(brainz, CoverArtArchive(self.cover_art_base)))
        if self.lastfm_key:
            found.append(AtLastfm(self._lastfm()))
        return found

    def spotify_app(self) -> "SpotifyApp | None":
        """Return the operator's Spotify app, None without one."""
        if not self.spotify_id:
            return None
        from recommender.connections.spotify_sign_in import SpotifyApp  # noqa: PLC0415 - heavy

        return SpotifyApp(
            self.spotify_id,
            self.spotify_secret,
            redirect=self.spotify_redirect,
            api=self.spotify_base,
            accounts=self.spotify_accounts,
            market=self.spotify_market,
        )

    def spotify_catalogue(self) -> Callable[[], SpotifyApi] | None:
        """Return a factory of clients for Spotify's catalogue, None without a client secret."""
        app = self.spotify_app()
        return None if app is None or not self.spotify_secret else app.as_itself

    def vault(self) -> "Vault | None":
        """Return the vault for tokens, None without a key; raise `MusicError` for an invalid key."""
        if not self.token_keys:
            return None
        from recommender.connections.vault import Vault  # noqa: PLC0415 - heavy

        return Vault(self.token_keys)

    def sources(self) -> dict[str, Source]:
        """Return the available listening services by name."""
        found: list[Source] = []
        if self.lastfm_key:
            found.append(self._lastfm())
        if self.listenbrainz_base:
            found.append(ListenBrainz(self.listenbrainz_base))
        return {source.name: source for source in found}

    def _lastfm(self) -> "Lastfm":
        from recommender.connections.lastfm import Lastfm  # noqa: PLC0415 - heavy

        return Lastfm(self.lastfm_key, self.lastfm_base)
