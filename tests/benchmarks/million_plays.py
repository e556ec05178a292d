"""Import a streaming history of a million plays, as Spotify writes it, in a process of its own.

    python tests/benchmarks/million_plays.py [--plays 1000000] [--folder FOLDER]

Prints plays kept, seconds of the clock and of the processor, and the peak of memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ARTISTS, SONGS_EACH = 5_000, 20


def write_history(path: Path, plays: int) -> None:
    """Write `plays` entries with all fields of an extended streaming history; artists by Zipf's law."""
    rng = np.random.default_rng(1)
    artists = np.minimum(rng.zipf(1.3, plays), ARTISTS)
    songs, gaps = rng.integers(0, SONGS_EACH, plays), rng.integers(60, 400, plays)
    times = 1_300_000_000 + np.cumsum(gaps)
    with path.open("w", encoding="utf-8") as file:
        for n in range(plays):
            song = int(artists[n]) * SONGS_EACH + int(songs[n])
            file.write("[" if n == 0 else ",")
            json.dump(_entry(int(artists[n]), song, int(times[n])), file, indent=1)
        file.write("]")


def _entry(artist: int, song: int, at: int) -> dict:
    return {
        "ts": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "platform": "ios",
        "ms_played": 180_000,
        "conn_country": "DE",
        "ip_addr": "192.0.2.1",
        "master_metadata_track_name": f"Song number {song}",
        "master_metadata_album_artist_name": f"Artist {artist}",
        "master_metadata_album_album_name": f"Album {song // 10}",
        "spotify_track_uri": f"spotify:track:{song:022}",
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "audiobook_title": None,
        "audiobook_uri": None,
        "audiobook_chapter_uri": None,
        "audiobook_chapter_title": None,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "offline_timestamp": at,
        "incognito_mode": False,
    }


def main() -> None:
    """Write the history, import it, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plays", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where history and database are put meanwhile")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segue-", dir=wish.folder) as folder:
        path = Path(folder) / "Streaming_History_Audio.json"
        write_history(path, wish.plays)
        start = "from bot.cli.main import main; main()"
        segue = [sys.executable, "-c", start, "--database", f"{folder}/segue.db"]
        began = time.monotonic()
        done = subprocess.run(
            [*segue, "import", "auto", str(path), "--as", "Ann"], capture_output=True, text=True, check=True
        )
        took = time.monotonic() - began
        print(f"{path.stat().st_size >> 20:,} MB of JSON. {done.stdout.strip()}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{took:.0f} s by the clock, {used.ru_utime + used.ru_stime:.0f} s of one processor, "
        f"peak memory {used.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
