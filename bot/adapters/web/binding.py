"""Addresses of the web companion: where it listens, and which host names people may use for it."""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from bot.settings import WEB_DEFAULT, Settings
from recommender.errors import MusicError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Binding(NamedTuple):
    """Where the server listens, and how it is addressed."""

    host: str
    port: int
    names: frozenset[str]  # host names that requests may carry: others are attempts at DNS rebinding
    is_secure: bool  # whether people reach it by https
    is_proxied: bool  # whether a proxy of this machine stands before it, and tells clients' addresses


def binding(settings: Settings) -> Binding:
    """Read SEGUE_WEB and SEGUE_WEB_URL; raises `MusicError` if they are no address or too open."""
    given = settings.web or WEB_DEFAULT
    host, _, port = given.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not (port.isascii() and port.isdecimal() and int(port) < 1 << 16):
        raise MusicError(f"SEGUE_WEB is an address and a port, such as {WEB_DEFAULT}, not {given}.")
    if not is_loopback(host) and not settings.web_url:
        raise MusicError(
            f"SEGUE_WEB={given} is open to other machines: say with SEGUE_WEB_URL=https://... how people "
            f"reach it, or listen here alone with SEGUE_WEB={WEB_DEFAULT}."
        )
    url = urlsplit(settings.web_url)
    names = {*_LOOPBACK, host, *([url.hostname] if url.hostname else [])}
    return Binding(host, int(port), frozenset(names), url.scheme == "https", bool(settings.web_url))


def is_loopback(host: str) -> bool:
    """Tell whether an address is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
