"""Reasons that a fan would accept, on the bundled catalogue, checked by its own tables."""

import csv
from collections import defaultdict

import numpy as np

from bot.settings import STARTER
from recommender.content.genres import family
from recommender.service import MusicService
from recommender.types import Query
from storage.records import Account, Kind

LISTS = 30


def table(name):
    with STARTER.with_name(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


async def test_hardly_a_reason_shares_a_mood_alone_or_nothing(database):
    genres = defaultdict(set)
    for row in table("starter.csv"):
        genres[row["artist"]] |= {family(genre) for genre in row["genres"].split(";")}
    fans = {row["artist"]: set(row["related"].split(";")) for row in table("related.csv")}
    rng, reasons, odd = np.random.default_rng(1), 0, []
    async with await MusicService.open(database, seed=5) as music:
        for n in range(LISTS):
            user = await music.arrive(Account("terminal", f"fan {n}", "Fan"))
            for name in rng.choice(sorted(genres), 3, replace=False):
                found = await music.names.resolve(name)
                song = next(iter(found.others), found.song)  # a song rather than the artist
                await music.reactions.record(user, song.subject, Kind.LIKE, key=f"{n} {name}")
            for pick in (await music.recommend(Query(user.user_id, 5))).picks:
                reasons += 1
                if pick.cause is None or pick.cause.artist == pick.song.artist:
                    continue
                one, other = pick.song.artist, pick.cause.artist
                knows = other in fans.get(one, ()) or one in fans.get(other, ())
                if not knows and not genres[one] & genres[other]:
                    odd.append(f"{pick.song.label} because of {pick.cause.label}")
    assert reasons == 5 * LISTS
    assert len(odd) < 0.02 * reasons, odd
