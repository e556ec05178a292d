"""`/chart` draws the covers of the Cover Art Archive, and those of nobody else."""

from base64 import b64encode

from json_server import Answer, serve

from bot.commands import dispatch
from bot.context import Context
from recommender.connections.apis import Apis
from recommender.service import MusicService
from storage.records import Account
from storage.services.outside import Outside

ANN = Account("telegram", "ann", "Ann")
JPEG = b"\xff\xd8\xff\xe0 a picture"
OURS = "https://coverartarchive.org/release/5a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e14/1234-250.jpg"
SPOTIFYS = "https://image-cdn-ak.spotifycdn.com/image/ab67616d00001e02"


async def test_a_chart_has_the_covers_that_may_be_drawn(database, tmp_path):
    titles = ("Two", "Two", "Two", "One", "One", "Three", "Four")
    plays = "".join(f"Queen,{title},{1_700_000_000 + 400 * n}\n" for n, title in enumerate(titles))
    (tmp_path / "plays.csv").write_text(f"artist,track,timestamp\n{plays}", encoding="utf-8")
    asked = []

    def archive(request):
        asked.append(request.path)
        return Answer(raw=JPEG)

    with serve(archive) as base:
        apis = Apis(enriches=True, cover_art_base=base, oembed_base=base)
        async with await MusicService.open(database, seed=3, apis=apis) as music:
            listener = await music.arrive(ANN)
            await music.bringing.history(listener, ANN, tmp_path / "plays.csv")
            two, one, *_ = [
                song.song.subject.track_id for song in await music.diary.chart(listener, "all", 4)
            ]

            def keep(store):
                for track, url in ((two, OURS), (one, SPOTIFYS)):
                    Outside(store.db).keep_cover(track, url, "test", expires_at=2**40)

            await music._write(keep)
            reply = await dispatch(Context(music, ANN, None, "test"), "/chart 3 all")
    [drawing] = reply.pictures
    assert drawing.svg.count("<image ") == drawing.svg.count(b64encode(JPEG).decode()) == 1
    assert asked == [OURS.removeprefix("https://coverartarchive.org")]
