"""All settings of Segue.  `.env.example` lists them; a test keeps both in step."""

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from recommender.catalog import addresses
from recommender.catalog.listenbrainz_data import ALGORITHMS
from recommender.connections.apis import LOOKUPS
from recommender.errors import MusicError

STARTER = Path(__file__).parent / "data" / "starter.csv"
"""Catalogue that fills an empty database."""

STDERR = Path("-")
"""Value of the setting `log` for standard error."""

WEB_DEFAULT = "127.0.0.1:8080"
"""Default address of `segue web`, without SEGUE_WEB."""

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]


class Settings(BaseSettings):
    """Settings from arguments, then the environment (see `variable`), then `.env` in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="SEGUE_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    database: UserPath = Field(
        default_factory=lambda: platformdirs.user_data_path("segue", appauthor=False) / "segue.db",
        description="the SQLite file that holds everything; made at the first start",
    )
    log: UserPath = Field(
        default_factory=lambda: platformdirs.user_log_path("segue", appauthor=False) / "segue.log",
        description="where unexpected errors are written, under the code that the person was told",
    )
    log_format: Literal["text", "json"] = Field(default="text", description="how a line of the log looks")
    log_level: Literal["error", "warning", "info"] = Field(
        default="warning", description="from what on Segue's own lines are logged"
    )
    backups: UserPath | None = Field(
        default=None, description="the folder that gets a backup a day; unset, none is made by itself"
    )
    backups_encrypted: bool = Field(
        default=False, description="encrypt those backups with SEGUE_TOKEN_KEY; without the key none opens"
    )
    events: str | None = Field(
        default=None,
        pattern=r"^kafka://[^/\s]+$",
        description="kafka://HOST:PORT[,HOST:PORT] shares all facts with other machines over Kafka",
    )
    kafka_options: SecretStr | None = Field(
        default=None,
        description="options of librdkafka, such as security.protocol=SASL_SSL;sasl.username=...",
    )
    starter: bool = Field(default=True, description="fill an empty database with the bundled catalogue")
    seed: int | None = Field(
        default=None, ge=0, description="makes every recommendation repeatable; unset for everyday use"
    )
    language: Literal["en", "de", "es", "fr", "pt"] = Field(
        default="en", description="what the terminal chat speaks; elsewhere it is the person's or the place's"
    )
    poll_seconds: int = Field(
        default=300, ge=1, description="seconds between two looks at what somebody heard elsewhere"
    )
    snapshots: str = Field(
        default="",
        description="where another machine publishes its snapshots; they are used instead of training",
    )
    lastfm_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="LASTFM_API_KEY",
        description="the API key of Last.fm; without it, no /connect lastfm",
    )
    lastfm_api_base: str = Field(
        default=addresses.LASTFM,
        validation_alias="LASTFM_API_BASE",
        description="where Last.fm's API answers; for test servers",
    )
    acoustid_key: SecretStr | None = Field(
        default=None,
        validation_alias="ACOUSTID_KEY",
        description="your app's key at AcoustID; with it, `segue import audio` asks there for missing names",
    )
    acoustid_api_base: str = Field(
        default=addresses.ACOUSTID,
        validation_alias="ACOUSTID_API_BASE",
        description="where AcoustID's web service answers; for test servers",
    )
    listenbrainz_api_base: str = Field(
        default=addresses.LISTENBRAINZ,
        validation_alias="LISTENBRAINZ_API_BASE",
        description="where ListenBrainz answers; for servers of your own",
    )
    listenbrainz_labs_base: str = Field(
        default=addresses.LISTENBRAINZ_LABS,
        validation_alias="LISTENBRAINZ_LABS_BASE",
        description="where ListenBrainz tells similar artists; for test servers",
    )
    listenbrainz_token: SecretStr | None = Field(
        default=None,
        validation_alias="LISTENBRAINZ_TOKEN",
        description="your user token there; with it, artists are found and their songs are the most played",
    )
    listenbrainz_algorithms: str = Field(
        default=ALGORITHMS,
        validation_alias="LISTENBRAINZ_ALGORITHMS",
        description="names of algorithms for similar artists there, with commas; the first to answer is used",
    )
    listenbrainz_daily: int = Field(
        default=500,
        ge=0,
        validation_alias="LISTENBRAINZ_DAILY",
        description="requests per day for similar artists and their songs; 0 for none",
    )
    releases_daily: int = Field(
        default=500,
        ge=0,
        description="requests per day to MusicBrainz for new releases of artists; 0 looks for none anywhere",
    )
    enrich: bool = Field(
        default=True,
        description="look up ids, years, tags and covers of songs in the background, where that can be asked",
    )
    musicbrainz_contact: str = Field(
        default="",
        validation_alias="MUSICBRAINZ_CONTACT",
        description="your mail or web address, which MusicBrainz asks for; without it, it is not asked",
    )
    musicbrainz_api_base: str = Field(
        default=addresses.MUSICBRAINZ,
        validation_alias="MUSICBRAINZ_API_BASE",
        description="where MusicBrainz answers; for servers of your own",
    )
    cover_art_api_base: str = Field(
        default=addresses.COVER_ART,
        validation_alias="COVER_ART_API_BASE",
        description="where the Cover Art Archive answers; for test servers",
    )
    spotify_oembed_base: str = Field(
        default=addresses.SPOTIFY_OEMBED,
        validation_alias="SPOTIFY_OEMBED_BASE",
        description="where Spotify tells the cover of a link; for test servers",
    )
    lookup: str = Field(
        default=",".join(LOOKUPS),
        pattern=rf"^(off|({'|'.join(LOOKUPS)})(,({'|'.join(LOOKUPS)}))*)$",
        description="where names that the catalogue does not know are looked up, in this order; or off",
    )
    deezer_api_base: str = Field(
        default=addresses.DEEZER,
        validation_alias="DEEZER_API_BASE",
        description="where Deezer's API answers; for test servers",
    )
    deezer_links_base: str = Field(
        default=addresses.DEEZER_LINKS,
        validation_alias="DEEZER_LINKS_BASE",
        description="where short links of Deezer's app lead; for test servers",
    )
    itunes_api_base: str = Field(
        default=addresses.ITUNES,
        validation_alias="ITUNES_API_BASE",
        description="where the iTunes Search API answers; for test servers",
    )
    youtube_oembed_base: str = Field(
        default=addresses.YOUTUBE_OEMBED,
        validation_alias="YOUTUBE_OEMBED_BASE",
        description="where YouTube tells the title of a link; for test servers",
    )
    soundcloud_oembed_base: str = Field(
        default=addresses.SOUNDCLOUD_OEMBED,
        validation_alias="SOUNDCLOUD_OEMBED_BASE",
        description="where SoundCloud tells the title of a link; for test servers",
    )
    tidal_base: str = Field(
        default=addresses.TIDAL,
        validation_alias="TIDAL_BASE",
        description="where Tidal's pages are; for test servers",
    )
    bandcamp_base: str = Field(
        default=addresses.BANDCAMP,
        validation_alias="BANDCAMP_BASE",
        description="where the pages of an artist at Bandcamp are, {} for the artist; for test servers",
    )
    token_key: SecretStr | None = Field(
        default=None, description="encrypts people's tokens at other services; without it, none are taken"
    )
    spotify_client_id: str = Field(
        default="", validation_alias="SPOTIFY_CLIENT_ID", description="your app at Spotify"
    )
    spotify_client_secret: SecretStr | None = Field(
        default=None,
        validation_alias="SPOTIFY_CLIENT_SECRET",
        description="the secret of that app; with it, songs nobody knows are looked up at Spotify",
    )
    spotify_redirect_uri: str = Field(
        default=addresses.SPOTIFY_REDIRECT,
        validation_alias="SPOTIFY_REDIRECT_URI",
        description="where Spotify sends people who agreed; the same as in the app's settings there",
    )
    spotify_market: str = Field(
        default="",
        pattern=r"^([A-Z]{2})?$",
        validation_alias="SPOTIFY_MARKET",
        description="the country whose songs are found at Spotify; unset, any",
    )
    spotify_api_base: str = Field(
        default=addresses.SPOTIFY,
        validation_alias="SPOTIFY_API_BASE",
        description="where Spotify's API answers; for test servers",
    )
    spotify_accounts_base: str = Field(
        default=addresses.SPOTIFY_ACCOUNTS,
        validation_alias="SPOTIFY_ACCOUNTS_BASE",
        description="where people sign in at Spotify; for test servers",
    )
    web: str = Field(
        default="",
        description="where the web pages listen, such as 127.0.0.1:8080; unset, there are none",
    )
    web_url: str = Field(
        default="",
        pattern=r"^(https?://[^/?#@]+/?)?$",
        description="the address that people open, if a proxy stands before the pages: https://music.example",
    )
    web_metrics_token: SecretStr | None = Field(
        default=None, description="lets a monitoring program read /metrics; unset, only this machine may"
    )
    discord_token: SecretStr | None = Field(
        default=None,
        alias="DISCORD_TOKEN",
        description="the token of the Discord bot; without it, no Discord",
    )
    discord_presences: bool = Field(
        default=False,
        alias="DISCORD_PRESENCES",
        description="whether the privileged presence intent is switched on, so that people may /listen",
    )
    discord_shards: str | None = Field(
        default=None,
        alias="DISCORD_SHARDS",
        description="which shards of how many this process serves, such as 0-3/8; unset, all",
    )
    discord_api_base: str | None = Field(
        default=None, alias="DISCORD_API_BASE", description="where Discord's HTTP API is; for test servers"
    )
    discord_gateway_url: str | None = Field(
        default=None, alias="DISCORD_GATEWAY_URL", description="where Discord's gateway is; for test servers"
    )
    telegram_token: SecretStr | None = Field(
        default=None,
        validation_alias="TELEGRAM_TOKEN",
        description="the token that @BotFather gives; `segue run telegram` needs it",
    )
    telegram_owner: int | None = Field(
        default=None,
        validation_alias="TELEGRAM_OWNER",
        description="your number on Telegram, which /admin policy tells you; with it, you decide who chooses",
    )
    telegram_base_url: str = Field(
        default="https://api.telegram.org/bot",
        validation_alias="TELEGRAM_BASE_URL",
        description="where the Bot API answers; a server of your own lifts the limit on files",
    )
    telegram_base_file_url: str = Field(
        default="https://api.telegram.org/file/bot",
        validation_alias="TELEGRAM_BASE_FILE_URL",
        description="where the Bot API keeps files",
    )
    telegram_webhook_url: str | None = Field(
        default=None,
        validation_alias="TELEGRAM_WEBHOOK_URL",
        description="the public https address that Telegram is to call; unset, Segue asks Telegram instead",
    )
    telegram_webhook_listen: str = Field(
        default="127.0.0.1",
        validation_alias="TELEGRAM_WEBHOOK_LISTEN",
        description="the address that your proxy hands those calls to",
    )
    telegram_webhook_port: int = Field(
        default=8443,
        ge=0,
        le=65535,
        validation_alias="TELEGRAM_WEBHOOK_PORT",
        description="the port beside it",
    )
    telegram_webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias="TELEGRAM_WEBHOOK_SECRET",
        description="what Telegram proves itself with; unset, a fresh one at every start",
    )

    @property
    def web_address(self) -> str:
        """Where people open the web pages, without a slash at the end; "" if they are off."""
        if self.web_url:
            return self.web_url.rstrip("/")
        return f"http://{self.web}" if self.web else ""


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"SEGUE_{name}".upper()


def load(database: Path | None = None) -> Settings:
    """Return the settings, with `database` first in precedence; raises `MusicError` for an invalid one."""
    try:
        return Settings() if database is None else Settings(database=database)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        name = variable(name) if name in Settings.model_fields else name
        raise MusicError(f"The setting {name} cannot be {first['input']!r}: {first['msg']}.") from error
