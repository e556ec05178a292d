"""Messages from pages: a card of Components V2, or plain text with buttons below."""

import io
from collections.abc import Iterator, Sequence

import discord
from discord import ui

from bot.adapters.discord.buttons import button
from bot.adapters.discord.render.layout import Page, Piece, Press
from bot.adapters.discord.text import label
from bot.pictures.painter import Picture

MOST_COMPONENTS = 40
_ROW = 5
_ROWS = 5
_LONGEST_PLAIN = 2000
_LONGEST_ALT = 256
_NOTHING = "\u200b"  # Discord refuses an empty text


def card(page: Page) -> ui.LayoutView:
    """Return the page as a card: a container with sections, covers and rows of buttons."""
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=page.colour)
    left = MOST_COMPONENTS - _least(page)
    spare = left - 2 * sum(bool(piece.cover) for piece in page.pieces)
    for piece in page.pieces:
        # A cover costs a section and a thumbnail; long lists leave covers out when components run short.
        with_cover = bool(piece.cover) and left >= 2
        left -= 2 if with_cover else 0
        box.add_item(_section(piece) if with_cover else ui.TextDisplay(piece.text or _NOTHING))
        more = (piece.spare,) if piece.spare is not None and spare > 0 else ()
        spare -= len(more)
        for row in _rows((*piece.buttons, *more)):
            box.add_item(row)
        if page.pictures and piece is page.pieces[0]:
            box.add_item(_gallery(page.pictures))
    for row in _rows(page.buttons):
        box.add_item(row)
    if page.file is not None:
        box.add_item(ui.File(f"attachment://{page.file.name}"))
    view.add_item(box)
    return view


def _least(page: Page) -> int:
    buttons = [piece.buttons for piece in page.pieces] + [page.buttons]
    rows = sum(-(-len(row) // _ROW) for row in buttons)
    return (
        1 + len(page.pieces) + rows + sum(map(len, buttons)) + (page.file is not None) + bool(page.pictures)
    )


def _gallery(pictures: Sequence[Picture]) -> ui.MediaGallery[ui.LayoutView]:
    shown = (
        discord.MediaGalleryItem(f"attachment://{one.name}", description=label(one.alt, _LONGEST_ALT))
        for one in pictures
    )
    return ui.MediaGallery(*shown)


def _section(piece: Piece) -> ui.Section[ui.LayoutView]:
    cover: ui.Thumbnail[ui.LayoutView] = ui.Thumbnail(piece.cover, description=piece.alt)
    return ui.Section(ui.TextDisplay(piece.text or _NOTHING), accessory=cover)


def _rows(presses: Sequence[Press]) -> Iterator[ui.ActionRow[ui.LayoutView]]:
    for start in range(0, len(presses), _ROW):
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for press in presses[start : start + _ROW]:
            row.add_item(button(press))
        yield row


def plain(page: Page) -> tuple[str, ui.View]:
    """Return the page as plain text and rows of buttons; the bot only needs the right to send messages."""
    content = "\n".join(piece.text for piece in page.pieces)
    view = ui.View(timeout=None)
    for number, row in enumerate(_plain_rows(page)):
        for press in row:
            item = button(press)
            item.row = number
            view.add_item(item)
    return content[:_LONGEST_PLAIN] or _NOTHING, view


def _plain_rows(page: Page) -> list[tuple[Press, ...]]:
    """Return a row per song; if those are too many, a row per action."""
    last = [page.buttons[start : start + _ROW] for start in range(0, len(page.buttons), _ROW)]
    songs = [piece.buttons for piece in page.pieces if piece.buttons]
    if len(songs) + len(last) > _ROWS:
        songs = list(zip(*songs, strict=True))
    return [*songs, *last][:_ROWS]


def attachments(page: Page) -> list[discord.File]:
    """Return the pictures and the file of a page, ready to send once."""
    files = [
        discord.File(io.BytesIO(one.content), one.name, description=label(one.alt, _LONGEST_ALT))
        for one in page.pictures
    ]
    if page.file is not None:
        files.append(discord.File(io.BytesIO(page.file.content), page.file.name))
    return files
