"""Page of a radio on Discord: the song that plays, why, its links and buttons."""

from bot.adapters.discord.render.layout import Page, Piece, Press, Scene, Style
from bot.adapters.discord.render.slate import address_of, cover_of
from bot.adapters.discord.text import escape, label, paragraph
from bot.replies import RadioReply
from bot.replies.buttons import Act
from bot.replies.i18n import say
from bot.replies.radio_card import buttons, headline, song_of, summary, why
from recommender.catalog.listen_links import has_sample

_LONGEST_NOTE = 200


def radio_page(reply: RadioReply, scene: Scene) -> Page:
    """Return the card of a radio."""
    radio, song = reply.radio, song_of(reply.radio)
    said = f"{paragraph(reply.note, _LONGEST_NOTE)}\n" if reply.note else ""
    head = Piece(f"{said}### {escape(headline(radio), 60)}")
    if radio.is_over:
        return Page((head, Piece(paragraph(summary(radio), scene.room))))
    ids, names = scene.links.get(song.subject, {}), 34 if scene.compact else 60
    title = escape(song.artist if song.title is None else song.title, names)
    by = "" if song.title is None else f" · {escape(song.artist, names)}"
    page = address_of(song, ids)
    name = f"**{title}**" if scene.compact else f"**[{title}]({page})**"
    reason = escape(why(radio), 80 if scene.compact else 130)
    listen = Press("▶", page, "link")
    hear = (Press("🎧", str(Act("hear", song.subject))),) if has_sample(ids) else ()
    presses = tuple(Press(label(one.label, 80), one.payload, _style(one.label)) for one in buttons(radio))
    return Page(
        (
            head,
            Piece(
                f"{name}{by}\n-# {reason}",
                (),
                None,
                cover_of(ids),
                label(f"{say('Cover')}: {song.label}", 200),
            ),
        ),
        (*presses, listen, *hear),
        0x1DB954,
    )


def _style(shown: str) -> Style:
    return "good" if shown.endswith("✓") else "plain"
