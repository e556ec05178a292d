"""What a search suggests to whoever types: nothing that another user alone brought."""

from recommender.service import MusicService
from storage.records import Account, Kind

ANN, BO = (Account("telegram", str(n), name) for n, name in ((1, "Ann"), (2, "Bo")))
UNHEARD_OF = "Zyxoph Quolg"


async def titles(music, account, text):
    """Return what is completed and suggested for `text`, to a user or (None) to a stranger."""
    user = None if account is None else (await music.arrive(account)).user_id
    suggested = await music.names.resolve(text, asker=user)
    completed = await music.names.complete(text, asker=account)
    named = [*suggested.others, *([suggested.song] if suggested.song else [])]
    return {song.title or song.artist for song in (*named, *completed)}


async def test_what_one_user_brought_is_suggested_to_nobody_else(tmp_path):
    history = tmp_path / "mine.csv"
    history.write_text(f"artist,track,plays\n{UNHEARD_OF},Omega Wedding,9\n{UNHEARD_OF},Delta Funeral,9\n")
    async with await MusicService.open(tmp_path / "segue.db", learn=False) as music:
        ann = await music.arrive(ANN)
        await music.bringing.history(ann, ANN, history)
        await music.names.add(ann, UNHEARD_OF, "Gamma Birthday")
        for typed in ("zyxo", "omega wed", "zyxof quolk", "omega weding", "gamma birthdai"):
            assert await titles(music, ANN, typed), typed
            assert not await titles(music, BO, typed), typed
            assert not await titles(music, None, typed), typed
        # Who types the whole name knows it.
        assert (
            await music.names.resolve("Omega Wedding", asker=(await music.arrive(BO)).user_id)
        ).song is not None


async def test_what_three_users_like_is_suggested_to_everybody(tmp_path):
    async with await MusicService.open(tmp_path / "segue.db", learn=False) as music:
        ann = await music.arrive(ANN)
        song = await music.names.add(ann, UNHEARD_OF, "Omega Wedding")
        for number in range(3):
            fan = await music.arrive(Account("telegram", f"fan {number}", "Fan"))
            await music.reactions.record(fan, song.subject, Kind.LIKE, key=f"like {number}")
        await music.train()
        assert await titles(music, BO, "omega wed") == {"Omega Wedding"}
