"""Feed the readers of exports with what a coverage-guided fuzzer makes up: nothing but refusals may come out.

    pip install atheris
    python tests/benchmarks/fuzz_exports.py -max_total_time=60

Arguments are libFuzzer's.  Every error but ImportFormatError ends the run with the input that caused it.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["storage.imports"]):
    from storage.imports import ImportFormatError, Options, open_reader

FILE = Path(tempfile.mkdtemp(prefix="segue-fuzz-")) / "export"
SEEDS = (
    b'[{"ts": "2020-01-01T12:03:00Z", "ms_played": 180000, "master_metadata_track_name": "SOS"}]',
    b'[{"endTime": "2020-01-01 12:03", "artistName": "ABBA", "trackName": "SOS", "msPlayed": 180000}]',
    b'{"listened_at": 1577880000, "track_metadata": {"artist_name": "ABBA", "track_name": "SOS"}}\n',
    b'{"maloja": {}, "scrobbles": [{"time": 1577880000, "track": {"artists": ["ABBA"], "title": "SOS"}}]}',
    b'[{"header": "YouTube Music", "title": "Watched SOS", "subtitles": [{"name": "ABBA"}], "time": "2020"}]',
    b"Artist Name,Song Name,Event Start Timestamp,Play Duration Milliseconds\nABBA,SOS,2020-01-01,180000\n",
    b"artist,track,plays,timestamp\nABBA,SOS,1,1577880000\n",
    b'"ABBA","ABBA","SOS","01 Jan 2020 12:00"\n',
)


def one_input(data: bytes) -> None:
    """Read one made-up file from end to end."""
    FILE.write_bytes(data)
    try:
        reader = open_reader("auto", FILE, Options(account="ann"))
        for _ in reader.rows():
            reader.progress()
    except ImportFormatError:
        return


def main() -> None:
    """Start from one small export of every kind."""
    corpus = FILE.parent / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup([*sys.argv, str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
