"""Every song of a list on Discord leads to where it is heard, on cards and in plain text."""

from itertools import chain

from bot.adapters.discord.cards import MOST_COMPONENTS, card, plain
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.replies import Button, Done, SlateReply
from recommender.types import Explanation, Pick, Query, ServedSlate, Song
from storage.records import Subject

SONGS = [Song(Subject(n, n), f"Artist {n}", f"Song {n}") for n in range(1, 6)]
SLATE = SlateReply(
    ServedSlate(7, Query(1), tuple(Pick(n, song, Explanation("start")) for n, song in enumerate(SONGS))), "x"
)
DEEZER = {song.subject: {"deezer": str(song.subject.track_id)} for song in SONGS}


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def test_a_card_links_each_song_and_lets_it_be_heard_where_there_is_room():
    found = list(walk(card(page(SLATE, Scene(DEEZER))).to_components()))
    texts = "".join(part["content"] for part in found if part["type"] == 10)
    assert all(f"[Song {n}](https://www.deezer.com/track/{n})" in texts for n in range(1, 6))
    heard = [part["custom_id"] for part in found if part.get("custom_id", "").startswith("do:hear")]
    assert heard == [f"do:hear:a{n}t{n}" for n in range(1, 6)]


def test_covers_go_before_the_button_and_nothing_exceeds_the_limit():
    covered = {subject: {**ids, "cover": "https://x.example/c.jpg"} for subject, ids in DEEZER.items()}
    view = card(page(SLATE, Scene(covered)))
    assert view.total_children_count <= MOST_COMPONENTS
    found = list(walk(view.to_components()))
    assert sum(part["type"] == 9 for part in found) == 5
    assert not any(part.get("custom_id", "").startswith("do:hear") for part in found)


def test_plain_text_has_a_button_that_opens_each_song():
    content, view = plain(page(SLATE, Scene(compact=True)))
    rows = [row["components"] for row in view.to_components()]
    links = [part["url"] for part in chain.from_iterable(rows) if "url" in part]
    assert links == [
        f"https://www.youtube.com/results?search_query=Artist%20{n}%20-%20Song%20{n}" for n in range(1, 6)
    ]
    assert (len(rows) <= 5, all(len(row) <= 5 for row in rows)) == (True, True)
    assert "https://" not in content


def test_a_sound_is_a_button_with_the_store_beside_it_and_a_longer_address_is_left_out():
    links = (
        Button("Deezer", url="https://www.deezer.com/track/1"),
        Button("Long", url="https://x/" + "a" * 600),
    )
    shown = page(Done("🎧 Creep", SONGS[0], links, "https://x.dzcdn.net/1.mp3"), Scene())
    assert [(press.payload, press.style) for press in shown.buttons] == [
        ("https://x.dzcdn.net/1.mp3", "link"),
        ("https://www.deezer.com/track/1", "link"),
    ]
