"""Pictures inside a terminal: the protocols of kitty and of iTerm2, which take a PNG as it is."""

from base64 import b64encode
from collections.abc import Mapping

import platformdirs

from bot.pictures.painter import Picture

PICTURES = platformdirs.user_cache_path("segue", appauthor=False) / "pictures"
"""Folder of saved pictures, readable by their owner alone."""

_CHUNK = 4096  # characters that kitty takes at a time
_COLUMNS = 80


def inline(picture: Picture, environment: Mapping[str, str]) -> str:
    """Return what shows a picture in the terminal that `environment` describes, "" where nothing does."""
    program, term = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    if environment.get("TMUX"):  # it lets none of this through
        return ""
    if "KITTY_WINDOW_ID" in environment or term == "xterm-kitty" or program.casefold() == "ghostty":
        return _kitty(picture)
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return _iterm(picture)
    return ""


def _kitty(picture: Picture) -> str:
    """Return a picture as kitty's graphics protocol takes it: format 100 is PNG."""
    data = b64encode(picture.content).decode()
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    parts = []
    for n, chunk in enumerate(chunks):
        first = f"a=T,f=100,c={_COLUMNS}," if n == 0 else ""
        parts.append(f"\x1b_G{first}m={int(n < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join(parts) + "\n"


def _iterm(picture: Picture) -> str:
    name, data = b64encode(picture.name.encode()).decode(), b64encode(picture.content).decode()
    size = f"size={len(picture.content)};width={_COLUMNS}"
    return f"\x1b]1337;File=name={name};inline=1;{size}:{data}\x07\n"
