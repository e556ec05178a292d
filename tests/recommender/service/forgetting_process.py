"""A second process on the same database: it imports a file for each account, and tells whom it knows.

Run with the database and a JSON list of [platform, external id, name, file]; it obeys lines on its input.
The last tenth of each file is read only after a line "finish".
"""

import asyncio
import json
import sys
import threading
from pathlib import Path

from recommender.errors import MusicError
from recommender.service import MusicService
from storage.records import Account

FINISH = threading.Event()


def held(share):
    if share > 0.9:
        FINISH.wait()


async def bring(music, account, path):
    listener = await music.arrive(account)
    try:
        await music.bringing.history(listener, account, path, held)
    except MusicError as error:
        return type(error).__name__
    return "all of it came in"


async def main():
    people = json.loads(sys.argv[2])
    async with await MusicService.open(Path(sys.argv[1])) as music:
        imports = [
            asyncio.create_task(bring(music, Account(*account), Path(path))) for *account, path in people
        ]
        print("ready", flush=True)
        assert await asyncio.to_thread(sys.stdin.readline) == "finish\n"
        FINISH.set()
        print(json.dumps(await asyncio.gather(*imports)), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line == "train\n":
                await music.train()
            print(json.dumps(music._trainer.snapshot.artists.listening.users.ids.tolist()), flush=True)


asyncio.run(main())
