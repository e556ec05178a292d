"""Composition root: builds the real objects and passes them to everything else."""

import logging

from pydantic import SecretStr
from threadpoolctl import threadpool_limits

from bot.log_file import OURS, TEXT, JsonLines, LogFile, OneLineOfFullDisk
from bot.settings import STARTER, STDERR, Settings
from recommender.connections.apis import Apis
from recommender.service import MusicService
from storage.disk import private_folder


async def open_music(settings: Settings, *, learn: bool = True) -> MusicService:
    """Open the service on the database of `settings`; use it with `async with`, which closes it."""
    # Requests are many and small: they share the cores better than BLAS would share one of them.
    threadpool_limits(limits=1, user_api="blas")
    starter = STARTER if settings.starter else None
    music = await MusicService.open(
        settings.database, starter=starter, seed=settings.seed, learn=learn, apis=apis(settings)
    )
    music.web.address = settings.web_address
    return music


def apis(settings: Settings) -> Apis:
    """Return the external services that may be queried, with their addresses and keys."""
    return Apis(
        lastfm_key=_plain(settings.lastfm_api_key),
        lastfm_base=settings.lastfm_api_base,
        listenbrainz_base=settings.listenbrainz_api_base,
        listenbrainz_labs=settings.listenbrainz_labs_base,
        listenbrainz_token=_plain(settings.listenbrainz_token),
        listenbrainz_algorithms=settings.listenbrainz_algorithms,
        listenbrainz_daily=settings.listenbrainz_daily,
        spotify_id=settings.spotify_client_id,
        spotify_secret=_plain(settings.spotify_client_secret),
        spotify_redirect=settings.spotify_redirect_uri,
        spotify_base=settings.spotify_api_base,
        spotify_accounts=settings.spotify_accounts_base,
        spotify_market=settings.spotify_market,
        token_keys=_plain(settings.token_key),
        enriches=settings.enrich,
        musicbrainz_contact=settings.musicbrainz_contact,
        musicbrainz_base=settings.musicbrainz_api_base,
        cover_art_base=settings.cover_art_api_base,
        oembed_base=settings.spotify_oembed_base,
        lookups=() if settings.lookup == "off" else tuple(settings.lookup.split(",")),
        deezer_base=settings.deezer_api_base,
        deezer_links_base=settings.deezer_links_base,
        itunes_base=settings.itunes_api_base,
        youtube_base=settings.youtube_oembed_base,
        soundcloud_base=settings.soundcloud_oembed_base,
        tidal_base=settings.tidal_base,
        bandcamp_base=settings.bandcamp_base,
        poll_seconds=settings.poll_seconds,
    )


def _plain(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def start_log(settings: Settings) -> None:
    """Log to the file of `settings`: on a terminal, lines would stand between the answers of a chat."""
    if settings.log == STDERR:
        handler: logging.Handler = logging.StreamHandler()
        handler.addFilter(OneLineOfFullDisk())
    else:
        private_folder(settings.log.parent)
        handler = LogFile(settings.log)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
