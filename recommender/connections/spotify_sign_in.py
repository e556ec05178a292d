"""Spotify sign-in without a password: the authorization code flow with PKCE (RFC 7636).

The user opens a link, agrees at Spotify, and is redirected with a code that is valid once and only with the
verifier stored here. Nothing opens a browser or prompts.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import requests
from spotipy.cache_handler import CacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyPKCE

from recommender.catalog.addresses import SPOTIFY, SPOTIFY_ACCOUNTS, SPOTIFY_REDIRECT
from recommender.catalog.spotify_api import SignedOut, SpotifyApi

SCOPE = "playlist-modify-private user-library-read user-read-recently-played user-top-read"


class _Tokens(CacheHandler):  # type: ignore[misc] # spotipy has no types
    """One user's tokens in use; renewed tokens are stored."""

    def __init__(self, tokens: dict[str, Any] | None, keep: Callable[[dict[str, Any]], None]) -> None:
        """`keep` receives new tokens, on the calling thread."""
        self.tokens, self._keep = tokens, keep

    def get_cached_token(self) -> dict[str, Any] | None:
        """Return the tokens."""
        return self.tokens

    def save_token_to_cache(self, token_info: dict[str, Any]) -> None:
        """Store new tokens."""
        self.tokens = token_info
        self._keep(token_info)


class _Pkce(SpotifyPKCE):  # type: ignore[misc] # spotipy has no types
    """spotipy's flow without its prompt: when tokens expire for good, the user must sign in again."""

    def get_authorization_code(self, response: str | None = None) -> NoReturn:
        """Raise instead of prompting for a code."""
        del response
        raise SignedOut("Your consent at Spotify does not cover that. /connect spotify begins anew.")


class SpotifyApp:
    """The operator's Spotify app, with clients for itself and for users."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        redirect: str = SPOTIFY_REDIRECT,
        api: str = SPOTIFY,
        accounts: str = SPOTIFY_ACCOUNTS,
        market: str = "",
    ) -> None:
        """Take Spotify's URLs (`api`, `accounts`); without a secret, only user clients are available."""
        self._id, self._secret, self.redirect = client_id, client_secret, redirect
        self._api, self._accounts, self._market = api, accounts.rstrip("/"), market

    def as_itself(self) -> SpotifyApi:
        """Return a client for the catalogue (client credentials)."""
        auth = SpotifyClientCredentials(
            self._id,
            self._secret,
            requests_session=requests.Session(),
            requests_timeout=8,
            cache_handler=_Tokens(None, lambda _: None),
        )
        auth.OAUTH_TOKEN_URL = f"{self._accounts}/api/token"
        return SpotifyApi(auth, self._api, self._market)

    def as_person(self, tokens: dict[str, Any], keep: Callable[[dict[str, Any]], None]) -> SpotifyApi:
        """Return a client for one user; `keep` receives renewed tokens, on the calling thread."""
        return SpotifyApi(self._pkce(_Tokens(tokens, keep)), self._api, self._market)

    def begin(self, state: str) -> tuple[str, str]:
        """Return the sign-in link, and the verifier to store until the redirect with `state`."""
        pkce = self._pkce(_Tokens(None, lambda _: None))
        link = str(pkce.get_authorize_url(state))
        return link, str(pkce.code_verifier)

    def exchange(self, code: str, verifier: str) -> dict[str, Any]:
        """Return the tokens that a code stands for. Blocks; raises spotipy's errors."""
        found: list[dict[str, Any]] = []
        pkce = self._pkce(_Tokens(None, found.append))
        pkce.code_verifier, pkce.code_challenge = verifier, "known to Spotify"
        pkce.get_access_token(code, check_cache=False)
        return found[-1]

    def _pkce(self, tokens: _Tokens) -> _Pkce:
        pkce = _Pkce(
            self._id,
            self.redirect,
            scope=SCOPE,
            requests_session=requests.Session(),
            requests_timeout=8,
            open_browser=False,
            cache_handler=tokens,
        )
        pkce.OAUTH_AUTHORIZE_URL = f"{self._accounts}/authorize"
        pkce.OAUTH_TOKEN_URL = f"{self._accounts}/api/token"
        return pkce
