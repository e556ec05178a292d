"""What is offered while somebody types."""

import pytest


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    return "\n".join(part["content"] for part in walk(message.components) if part["type"] == 10)


async def test_songs_complete_as_somebody_types(ann, channel):
    offered = await ann.autocomplete(channel, "like", "song", "bohemian")
    assert offered[0]["name"].startswith("Queen - Bohemian Rhapsody")
    assert len(offered) <= 25
    assert all(1 <= len(choice["name"]) <= 100 for choice in offered)
    liked = await ann.slash(channel, "like", song=offered[0]["value"])
    assert texts(liked.response) == "👍 Noted: you like Bohemian Rhapsody by Queen."


async def test_only_artists_complete_where_an_artist_is_asked_for(ann, channel):
    offered = await ann.autocomplete(channel, "block", "artist", "quee")
    assert "Queen" in [choice["name"] for choice in offered]
    assert not [choice for choice in offered if "t" in choice["value"]]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dre", "dreamy"),
        ("JAZ", "jazz"),
        ("jazz, dre", "jazz, dreamy"),
        ("jazz dre", "jazz dreamy"),
        ("199", "1990s"),
        ("90", "1990s"),
        ("jazz 197", "jazz 1970s"),
    ],
)
async def test_genres_moods_and_decades_complete_as_somebody_types(ann, channel, typed, first):
    offered = await ann.autocomplete(channel, "recommend", "wish", typed)
    assert offered[0] == {"name": first, "value": first}
    shown = texts((await ann.slash(channel, "recommend", wish=offered[0]["value"])).response)
    assert shown.startswith(f"### For you: {' and '.join(first.replace(',', '').split())}")


async def test_before_anything_is_typed_the_most_used_genres_are_offered(ann, channel):
    offered = await ann.autocomplete(channel, "recommend", "wish", "")
    assert len(offered) == 25
    assert await ann.autocomplete(channel, "recommend", "wish", "zzyzx qwghlm") == []
    asked = await ann.slash(channel, "recommend", wish=offered[0]["value"], count=1)
    assert f"For you: {offered[0]['name']}" in texts(asked.response)
