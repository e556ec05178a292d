"""Card of a radio on Telegram: the song that plays, why, its links and buttons."""

from telegram import InlineKeyboardButton as Key

from bot.adapters.telegram.render.card import Card, Scene
from bot.adapters.telegram.render.slate import page_of, picture_of, song_line
from bot.adapters.telegram.text import name
from bot.replies import RadioReply
from bot.replies.buttons import Act
from bot.replies.i18n import say
from bot.replies.radio_card import buttons, headline, song_of, summary, why
from recommender.catalog.listen_links import has_sample


def radio_cards(reply: RadioReply, scene: Scene) -> list[Card]:
    """Return the one message of a radio, which is edited in place."""
    radio, song = reply.radio, song_of(reply.radio)
    said = [name(reply.note, 200), ""] if reply.note else []
    head = f"<b>{name(headline(radio), 60)}</b>"
    if radio.is_over:
        return [Card("\n".join([*said, head, name(summary(radio), 100)]))]
    text = "\n".join([*said, head, "", song_line(song, scene.links), f"<i>{name(why(radio), 160)}</i>"])
    steering = tuple(Key(one.label, callback_data=one.payload) for one in buttons(radio))
    listen = [Key(say("Listen"), url=page_of(song, scene.links))]
    if has_sample(scene.links.get(song.subject, {})):
        listen.append(Key("🎧", callback_data=str(Act("hear", song.subject))))
    return [Card(text, (steering[:-1], (*listen, steering[-1])), picture_of(song, scene.links))]
