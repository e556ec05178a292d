"""What people do on Discord, from the first command to the last button."""


def texts(message) -> str:
    """Return all text of a message, cards included."""

    def walk(component):
        if component.get("type") == 10:
            yield component["content"]
        for child in component.get("components", ()):
            yield from walk(child)

    found = [message.content] if message.content else []
    for component in message.components:
        found += walk(component)
    return "\n".join(found)


def buttons(message) -> dict[str, dict]:
    """Return all buttons of a message by what they carry."""

    def walk(component):
        if component.get("type") == 2:
            yield component["custom_id"], component
        for child in component.get("components", ()):
            yield from walk(child)

    return dict(pair for component in message.components for pair in walk(component))


async def test_a_liked_artist_is_noted_and_offers_songs(ann, channel):
    result = await ann.slash(channel, "like", song="queen")
    assert texts(result.response).startswith("👍 Noted: you like Queen.")
    assert next(iter(buttons(result.response).values()))["label"].startswith("Queen - ")


async def test_a_list_comes_as_a_card_whose_buttons_work(ann, channel):
    result = await ann.slash(channel, "recommend")
    card = result.response
    assert card.flags.components_v2
    assert len(buttons(card)) == 5 * 3 + 2
    like = next(iter(buttons(card)))
    await ann.click(card.message, custom_id=like)
    pressed = buttons(result.response)[like]
    assert (pressed["label"], pressed["style"]) == ("👍 1", 3)
    await ann.click(result.response.message, custom_id=like)
    assert (buttons(result.response)[like]["label"], buttons(result.response)[like]["style"]) == ("👍", 2)
