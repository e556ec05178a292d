"""Pictures inside a terminal: by kitty's or iTerm2's protocol, as sixels, else as coloured half blocks."""

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from typing import Literal

import numpy as np
import platformdirs
from rich.color import Color
from rich.style import Style
from rich.text import Text

from bot.adapters.terminal.sixel import sixels
from bot.pictures.painter import Picture

Protocol = Literal["kitty", "iterm", "sixel"]
PICTURES = platformdirs.user_cache_path("segue", appauthor=False) / "pictures"
"""Folder of saved pictures, readable by their owner alone."""

_CHUNK = 4096  # characters that kitty takes at a time
_COLUMNS = 80
_SIXEL_WIDTH = 720  # pixels: about as many columns
_SIXELS = 4  # among the attributes of a terminal


def protocol(environment: Mapping[str, str], attributes: Callable[[], Collection[int]]) -> Protocol | None:
    """Return how a terminal shows pictures; `attributes` asks it what it can (DA1)."""
    program, term = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    if environment.get("TMUX"):  # it lets none of this through
        return None
    if "KITTY_WINDOW_ID" in environment or term == "xterm-kitty" or program.casefold() == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return "iterm"
    return "sixel" if _SIXELS in attributes() else None


def inline(picture: Picture, kind: Protocol) -> str:
    """Return what shows a picture by a protocol."""
    match kind:
        case "kitty":
            return _kitty(picture)
        case "iterm":
            return _iterm(picture)
        case "sixel":
            return sixels(picture.content, _SIXEL_WIDTH)


def blocks(picture: Picture, columns: int) -> Text:
    """Return a picture as half blocks: two pixels in each cell, one above the other."""
    from PIL import Image  # noqa: PLC0415 - comes with the extra that draws

    width = min(columns, _COLUMNS)
    with Image.open(BytesIO(picture.content)) as whole:
        rows = round(whole.height * width / whole.width / 2)
        pixels = np.asarray(whole.convert("RGB").resize((width, 2 * rows), Image.Resampling.BOX))
    text = Text()
    for upper, lower in zip(pixels[::2], pixels[1::2], strict=True):
        for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
            text.append("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
        text.append("\n")
    return text


def _kitty(picture: Picture) -> str:
    """Return a picture as kitty's graphics protocol takes it: format 100 is PNG."""
    data = b64encode(_png(picture.content)).decode()
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    parts = []
    for n, chunk in enumerate(chunks):
        first = f"a=T,f=100,c={_COLUMNS}," if n == 0 else ""
        parts.append(f"\x1b_G{first}m={int(n < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join(parts) + "\n"


def _png(content: bytes) -> bytes:
    if content.startswith(b"\x89PNG"):
        return content
    from PIL import Image  # noqa: PLC0415

    out = BytesIO()
    with Image.open(BytesIO(content)) as image:
        image.save(out, "PNG")
    return out.getvalue()


def _iterm(picture: Picture) -> str:
    name, data = b64encode(picture.name.encode()).decode(), b64encode(picture.content).decode()
    size = f"size={len(picture.content)};width={_COLUMNS}"
    return f"\x1b]1337;File=name={name};inline=1;{size}:{data}\x07\n"
