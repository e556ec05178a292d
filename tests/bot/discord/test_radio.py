"""A radio on Discord: one card, for its listener alone, that shows the next song in place."""

from tests.bot.discord.test_sessions import button, texts


async def test_a_card_plays_on_in_place_and_after_a_restart(ann, channel, env, music):
    from bot.adapters.discord.client import SegueClient  # noqa: PLC0415 - as the other tests name it

    asked = await ann.slash(channel, "radio")
    card = asked.response
    assert "📻 Radio · song 1" in texts(card)
    first = texts(card)
    await ann.click(card.message, custom_id=button(card, ":like"))
    assert "👍 More of that." in texts(card)
    await ann.click(card.message, custom_id=button(card, ":skip"))
    assert "📻 Radio · song 2" in texts(card)
    assert texts(card) != first
    await env.restart_bot(SegueClient(music))
    await ann.click(card.message, custom_id=button(card, ":dislike"))
    assert "📻 Radio · song 3" in texts(card)
    why = await ann.click(card.message, custom_id=button(card, ":why"))
    assert texts(why.followups[0] if why.followups else why.response)
    await ann.click(card.message, custom_id=button(card, ":stop"))
    assert "📻 Radio over" in texts(card)
