"""What is heard in sound that is made here, and in files that are broken, hostile or of no sound at all."""

import io
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="needs the extra segue[audio]")
import av

from recommender.audio import rhythm
from recommender.audio.decoding import MOST_SECONDS, samples
from recommender.audio.ear import Ear
from recommender.audio.fingerprints import can_fingerprint, find, fingerprint
from recommender.audio.hearing import hear
from recommender.audio.mel import RATE
from recommender.errors import NotKnown

CLIPS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "audio-clips"


def loop(seconds: float, *, bpm: float = 120.0, root: float = 220.0) -> np.ndarray:
    """Chords of A major with a drum on each beat."""
    t = np.arange(int(seconds * RATE)) / RATE
    beat = t % (60 / bpm)
    bar = (t // (4 * 60 / bpm)).astype(int) % 4
    sound = np.zeros(len(t))
    for chord, steps in enumerate(((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))):
        for step in steps:
            hz = root * 2 ** (step / 12)
            tone = sum(np.sin(2 * np.pi * hz * k * t) / k**2 for k in (1, 2, 3))
            sound += (bar == chord) * tone * np.exp(-2 * beat)
    drum = np.sin(40 * np.exp(-beat * 30)) * np.exp(-beat * 20)
    return np.asarray((sound / 6 + drum * 0.4) * 0.5, dtype=np.float32)


def wav(path: Path, sound: np.ndarray, rate: int = RATE, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.repeat(sound, channels) * 32767).astype("<i2").tobytes())
    return path


def encoded(path: Path, sound: np.ndarray, codec: str, rate: int) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray((sound * 32767).astype("<i2")[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.format, "mono", rate, stream.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("a.ogg", "libopus", 48_000), ("a.mp3", "libmp3lame", 44_100), ("a.flac", "flac", 44_100),
     ("a.m4a", "aac", 44_100), ("a.webm", "libopus", 48_000)],
)  # fmt: skip
def test_every_format_gives_the_same_sound(tmp_path, name, codec, rate):
    sound = loop(3.0)
    found = samples(encoded(tmp_path / name, sound, codec, rate))
    assert abs(len(found) / RATE - 3.0) < 0.15
    n = min(len(found), len(sound))
    # Lossy codecs shift and colour the sound; its level stays.
    assert np.sqrt(np.mean(found[:n] ** 2)) == pytest.approx(np.sqrt(np.mean(sound[:n] ** 2)), rel=0.1)


def test_many_channels_at_a_high_rate_are_one_at_16_khz(tmp_path):
    t = np.arange(19_200) / 192_000
    found = samples(wav(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * t), 192_000, 8))
    assert len(found) == pytest.approx(1600, abs=20)


def test_ten_minutes_of_a_longer_file_are_heard(tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.audio.decoding.MOST_SECONDS", 2)
    assert len(samples(wav(tmp_path / "a.wav", loop(5.0)))) == 2 * RATE
    assert MOST_SECONDS == 600


def test_samples_that_are_no_numbers_are_silence(tmp_path):
    path = tmp_path / "nan.wav"
    data = np.full(RATE, np.nan, dtype="<f4").tobytes()
    head = b"WAVEfmt " + np.array([16], "<u4").tobytes() + np.array([3, 1], "<u2").tobytes()
    head += np.array([RATE, 4 * RATE], "<u4").tobytes() + np.array([4, 32], "<u2").tobytes()
    head += b"data" + np.array([len(data)], "<u4").tobytes()
    path.write_bytes(b"RIFF" + np.array([len(head) + len(data)], "<u4").tobytes() + head + data)
    assert hear(samples(path)).sound == "silence"


def silent_video(path: Path) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            out.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24"))
            )
        out.mux(stream.encode(None))


def test_bad_files_are_a_sentence(tmp_path):
    good = wav(tmp_path / "good.wav", loop(1.0)).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.wav", good)
    for name, content in {
        "empty.mp3": b"",
        "junk.ogg": bytes(range(256)) * 40,
        "zip.mp3": packed.getvalue(),
        "cut.flac": b"fLaC" + b"\0" * 20,
        "list.m3u8": b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
        "concat.mp3": b"ffconcat version 1.0\nfile good.wav\n",
    }.items():
        (tmp_path / name).write_bytes(content)
    silent_video(tmp_path / "video.mp4")
    with Ear() as ear:
        for bad in sorted(tmp_path.iterdir()):
            if bad.name != "good.wav":
                with pytest.raises(
                    NotKnown, match=r"^(I cannot read that file|That file (is empty|has no sound))"
                ):
                    ear.hear(bad)
        with pytest.raises(NotKnown):
            ear.hear(tmp_path / "nowhere.mp3")
        assert ear.hear(tmp_path / "good.wav").seconds == pytest.approx(1.0, abs=0.01)


def test_a_decoder_that_crashes_is_a_sentence_and_the_next_file_is_heard(tmp_path):
    path = wav(tmp_path / "good.wav", loop(1.0))
    with Ear() as ear:
        ear.hear(path)
        ear._child.kill()
        ear._child.wait()
        assert ear.hear(path).seconds == pytest.approx(1.0, abs=0.01)


def test_music_is_kept_and_other_sound_is_named():
    rng = np.random.default_rng(1)
    assert hear(loop(9.0)).sound == "music"
    assert hear(rng.normal(size=6 * RATE).astype(np.float32) * 0.1).sound == "noise"
    assert hear(np.zeros(4 * RATE, dtype=np.float32)).sound == "silence"


def test_what_is_heard_of_music():
    found = hear(loop(9.0))
    assert np.linalg.norm(found.vector) == pytest.approx(1.0, abs=1e-5)
    assert found.tempo == pytest.approx(120, rel=0.04)
    assert found.sung < 0.3
    assert hear(loop(9.0) * 0.2).vector @ found.vector > 0.98  # level hardly matters


@pytest.mark.parametrize("bpm", [84.0, 120.0, 150.0])
def test_the_tempo_is_measured(bpm):
    assert rhythm.tempo(loop(16.0, bpm=bpm)) == pytest.approx(bpm, rel=0.04)


def test_the_key_is_measured():
    assert rhythm.key(loop(16.0)) == (9, False)
    assert rhythm.key(loop(16.0, root=261.63)) == (0, False)


def test_a_recording_is_found_by_ten_seconds_of_it_and_no_other_is():
    if not can_fingerprint():
        pytest.skip("needs libchromaprint, in Debian libchromaprint-tools")
    rng = np.random.default_rng(2)
    songs = []
    for _ in range(3):
        chords = rng.uniform(110, 1760, size=(60, 4))
        t = np.arange(RATE // 2) / RATE
        parts = [np.sin(2 * np.pi * chord[:, None] * t).mean(axis=0) * np.exp(-3 * t) for chord in chords]
        songs.append(np.concatenate(parts).astype(np.float32) * 0.4)
    known = [fingerprint(song) for song in songs[:2]]
    part = songs[1][10 * RATE : 20 * RATE]
    noisy = part + rng.normal(size=len(part)).astype(np.float32) * 0.01
    found = find(fingerprint(noisy), known)
    assert found is not None
    assert found.row == 1
    assert find(fingerprint(songs[2][5 * RATE : 15 * RATE]), known) is None


def test_all_twelve_shared_clips_are_told_apart():
    if not CLIPS.is_dir():
        pytest.skip(f"needs the clips in {CLIPS}, which are not part of the project")
    short = {"solo-trumpet-06": "music", "robin-whistle": "animals", "speech-ashiel": "speech"}
    assert {name: hear(samples(CLIPS / f"{name}.ogg")).sound for name in short} == short
