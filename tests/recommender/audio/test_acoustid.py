"""Files without names are asked about at AcoustID, with the operator's key; named ones are not."""

import gzip
import wave
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

pytest.importorskip("av", reason="needs the extra segue[audio]")

from json_server import Answer, Asked, serve

from recommender.audio.acoustid_names import by_acoustid
from recommender.audio.decoding import samples
from recommender.audio.fingerprints import can_fingerprint
from recommender.audio.hearing import hear
from recommender.audio.library import LibraryReader
from recommender.audio.mel import RATE
from storage.imports import HeardRow, Skipped

pytestmark = pytest.mark.skipif(not can_fingerprint(), reason="needs libchromaprint-tools")

KEY = "operators-key"


def match(score: float, title: str = "Found Title", artist: str = "Found Artist") -> dict:
    recording = {"id": "b" * 36, "title": title, "artists": [{"id": "a" * 36, "name": artist}]}
    return {"status": "ok", "results": [{"id": "x", "score": score, "recordings": [recording]}]}


def song(path: Path, root: float) -> None:
    """Write 6.5 s of a plucked chord."""
    t = np.arange(int(6.5 * RATE)) / RATE
    notes = sum(np.sin(2 * np.pi * root * 2 ** (step / 12) * t) for step in (0, 4, 7))
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes((notes / 4 * np.exp(-3 * (t % 0.5)) * 32767).astype("<i2").tobytes())


@pytest.fixture
def folder(tmp_path):
    library = tmp_path / "library"
    song(library / "01.wav", 220.0)
    song(library / "Sines - Named.wav", 230.0)
    return library


def rows_of(folder, answer: Answer):
    asked: list[Asked] = []

    def answered(one: Asked) -> Answer:
        asked.append(one)
        return answer

    with serve(answered) as address:
        named = by_acoustid(KEY, f"{address}/v2/")
        rows = list(LibraryReader(folder, frozenset(), named=named).rows())
    return rows, asked


def test_a_file_without_a_name_gets_the_one_of_its_recording(folder):
    chromaprint = pytest.importorskip("chromaprint")
    rows, asked = rows_of(folder, Answer(match(0.97)))
    assert [(row.artist, row.title) for row in rows] == [("Found Artist", "Found Title"), ("Sines", "Named")]
    (one,) = asked
    body = gzip.decompress(one.body) if one.headers.get("Content-Encoding") == "gzip" else one.body
    told = dict(parse_qsl(body.decode()))
    assert (one.path, told["client"], told["duration"]) == ("/v2/lookup", KEY, "6")
    codes, version = chromaprint.decode_fingerprint(told["fingerprint"].encode())
    heard = hear(samples(folder / "01.wav")).fingerprint
    assert version == 1
    assert np.array_equal(np.array(codes, dtype=np.int64).astype(np.uint32), heard)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(match(0.4)), "without artist and title"),
        (Answer({"status": "ok", "results": []}), "without artist and title"),
        (Answer({"status": "error", "error": {"message": "invalid API key"}}), "does not answer"),
        (Answer(["no", "object"]), "does not answer"),
        (Answer(html="<p>502</p>", status=502), "does not answer"),
    ],
)
def test_what_nobody_knows_or_answers_is_skipped_and_heard_again_next_time(folder, answer, reason, caplog):
    rows, _ = rows_of(folder, answer)
    skipped = [row for row in rows if isinstance(row, Skipped)]
    assert len(skipped) == 1
    assert reason in skipped[0].reason
    assert [type(row) for row in rows].count(HeardRow) == 1
    assert KEY not in caplog.text
