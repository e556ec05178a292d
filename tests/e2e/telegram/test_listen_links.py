"""Thirty seconds of a song, sent by the address at the store, with the link to the store beside it."""

import pytest
from catalogues_server import Known, deezer, serve_catalogues

pytestmark = pytest.mark.asyncio(loop_scope="session")

FERRY = Known(1, "Grethe Unheard", "Moonless Ferry")


async def test_a_song_is_found_and_heard_and_one_that_cannot_be_fetched_has_its_links(own_api, start):
    with serve_catalogues() as there:
        there.songs = [FERRY]
        await start(SEGUE_LOOKUP="deezer", DEEZER_API_BASE=f"{there.base}/deezer", SEGUE_ENRICH="false")
        ann = own_api.person(1, "Ann")
        own_api.sounds.add(deezer(FERRY)["preview"])
        for _ in range(5):  # a busy machine is no slow service
            liked = await ann.ask("/like grethe unheard - moonless ferry")
            if "👍" in liked["text"]:
                break
        assert liked["text"] == "Found at Deezer. 👍 Noted: you like Moonless Ferry by Grethe Unheard."
        slate = await ann.ask("/recommend 2")
        assert [entity["url"].startswith("https://") for entity in slate["entities"] if "url" in entity] == [
            True
        ] * 2
        heard = await ann.ask("/hear moonless ferry")
        assert (heard["audio"]["performer"], heard["audio"]["title"]) == ("Grethe Unheard", "Moonless Ferry")
        assert heard["caption"] == "🎧 Moonless Ferry by Grethe Unheard"
        keys = {key["text"]: key["url"] for row in heard["reply_markup"]["inline_keyboard"] for key in row}
        assert keys["Whole song: Deezer"] == "https://www.deezer.com/track/1"
        assert set(keys) == {"Whole song: Deezer", "Spotify", "YouTube", "Apple Music"}
        own_api.sounds.clear()
        silent = await ann.ask("/hear moonless ferry")
        assert silent["text"] == "🎧 Moonless Ferry by Grethe Unheard"
        assert silent["reply_markup"] == heard["reply_markup"]
        assert own_api.violations == ["sendAudio: Bad Request: failed to get HTTP URL content"]
        own_api.violations.clear()
