"""Synthetic sound of known kind, 16 kHz mono: music, speech, noise, animals; what tells music apart
learns from it.

Music is written as MIDI files and played by fluidsynth, or plucked and drummed in NumPy; speech is
espeak-ng in several voices and languages; noise, birds and whales are formulas. Every sound is then left
clean, put through a simulated room, telephone or noise, or sent as an Opus voice message by PyAV.
"""

import io
import subprocess
import tempfile
import wave
from pathlib import Path

import av
import numpy as np
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

RATE = 16_000
LANGUAGES = [
    "en-us",
    "en-gb",
    "de",
    "es",
    "fr-fr",
    "it",
    "pt",
    "pl",
    "ru",
    "nl",
    "sv",
    "tr",
    "cmn",
    "hi",
    "ja",
]
VARIANTS = ["", "+m1", "+m3", "+m5", "+m7", "+f1", "+f2", "+f3", "+f5", "+klatt", "+croak", "+whisper"]
VARIANTS += ["+Annie", "+Alex", "+Diogo", "+steph", "+linda", "+grandma", "+antonio", "+rob"]
TEXT = (
    "the ship went down the river while nobody in the house could say whether it was evening or morning "
    "and she asked him again about the letter that he had written to his brother before the war when all "
    "of them lived in the old street near the market where bread was sold with butter and salt on "
    "wednesday the tall gentleman looked at his watch knights of chivalry and a great mystery question my "
    "name is I am on my way call me later please bring milk eggs and two tickets for the train at half "
    "past seven does that sound right to you"
)
WORDS = TEXT.split()
FONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
SCALES = [[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 3, 5, 7, 9, 10], [0, 2, 4, 7, 9]]
SOLO = [*range(6), 22, *range(24, 31), *range(40, 44), 52, 53, *range(56, 81)]
ROCK, SPARSE = (36, 42, 38, 42), (36, 0, 38, 0)


def read_wav(data: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(data)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        raw = file.readframes(1 << 30)
    samples = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float32) / 32768
    samples = samples.reshape(-1, channels).mean(axis=1)
    return samples if rate == RATE else resample_poly(samples, RATE, rate).astype(np.float32)


def band(low, high, x):
    return sosfilt(butter(2, [low, min(high, 7900)], "bandpass", fs=RATE, output="sos"), x)


def speech(rng, seconds):
    text = " ".join(rng.choice(WORDS, size=int(4 * seconds) + 8))
    voice = str(rng.choice(LANGUAGES)) + str(rng.choice(VARIANTS))
    pitch, speed = str(rng.integers(15, 85)), str(rng.integers(120, 210))
    said = subprocess.run(
        ["espeak-ng", "--stdout", "-v", voice, "-p", pitch, "-s", speed, text],
        capture_output=True,
        check=True,
    )
    return fitted(read_wav(said.stdout), seconds, rng)


def fitted(x, seconds, rng):
    n = int(seconds * RATE)
    if len(x) < n:
        return np.pad(x, (0, n - len(x)))
    start = int(rng.integers(0, len(x) - n + 1))
    return x[start : start + n]


def coloured(rng, seconds, slope):
    n = int(seconds * RATE)
    spectrum = rng.normal(size=n // 2 + 1) + 1j * rng.normal(size=n // 2 + 1)
    spectrum /= np.maximum(np.fft.rfftfreq(n, 1 / RATE), 20) ** slope
    return unit(np.fft.irfft(spectrum, n))


def unit(x):
    return x / max(float(np.abs(x).max()), 1e-9)


def slow(rng, n, hz):
    """A random curve from 0 to 1 that changes about `hz` times a second."""
    points = rng.random(max(int(n / RATE * hz) + 3, 4))
    return np.interp(np.linspace(0, len(points) - 1, n), np.arange(len(points)), points)


def noise(rng, seconds):
    n, kind = int(seconds * RATE), int(rng.integers(0, 7))
    x = coloured(rng, seconds, rng.choice([0, 0.5, 1.0, 1.3]))
    t = np.arange(n) / RATE
    if kind == 1:  # wind and surf
        x = band(60, rng.uniform(400, 3000), x) * (0.15 + slow(rng, n, rng.uniform(0.3, 2)))
    elif kind == 2:  # street: rumble, engines that pass, knocks
        base = rng.uniform(40, 110) * (1 + 0.2 * slow(rng, n, 0.5))
        phase = 2 * np.pi * np.cumsum(base) / RATE
        engine = sum(np.sin(k * phase + rng.uniform(0, 6)) / k for k in range(1, 12)) * slow(rng, n, 0.5)
        x = unit(coloured(rng, seconds, 1.0)) + 0.5 * unit(engine) + knocks(rng, n, 1)
    elif kind == 3:  # hum
        x = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, int(rng.integers(2, 9)))) + 0.2 * x
    elif kind == 4:  # steps, keys, rain
        x = 0.1 * x + knocks(rng, n, rng.choice([2, 6, 40]))
    elif kind == 5:  # crowd: many talk at once
        x = sum(speech(rng, seconds) for _ in range(5)) + 0.2 * band(200, 3000, x)
    elif kind == 6:  # machine
        x = x * (0.3 + 0.7 * (np.sin(2 * np.pi * rng.uniform(4, 30) * t) > 0))
    return unit(x)


def knocks(rng, n, per_second):
    x = np.zeros(n)
    for at in rng.integers(0, n, size=max(1, int(per_second * n / RATE))):
        m = int(rng.integers(80, 2000))
        hit = rng.normal(size=m) * np.exp(-np.arange(m) / (m / 6)) * rng.uniform(0.2, 1)
        x[at : at + m] += hit[: n - at]
    return x


def sweep(rng, m, low, high, harmonics):
    curve = low * (high / low) ** slow(rng, m, rng.uniform(1, 12))
    phase = 2 * np.pi * np.cumsum(curve) / RATE
    x = sum(np.sin(k * phase) / k**1.5 for k in range(1, harmonics + 1))
    return x * np.hanning(m) ** rng.uniform(0.3, 1)


def animals(rng, seconds):
    n, x = int(seconds * RATE), np.zeros(int(seconds * RATE))
    is_bird, at = rng.random() < 0.5, int(rng.integers(0, 3000))
    while at < n:
        m = int(RATE * (rng.uniform(0.04, 0.6) if is_bird else rng.uniform(0.4, 3)))
        low = rng.uniform(1500, 4000) if is_bird else rng.uniform(80, 700)
        call = sweep(rng, m, low, low * rng.uniform(1.1, 2.4), int(rng.integers(1, 3 if is_bird else 9)))
        if not is_bird and rng.random() < 0.3:
            call *= 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * rng.uniform(15, 50) * np.arange(m) / RATE))
        x[at : at + m] += call[: n - at]
        at += m + int(RATE * (rng.exponential(0.15) if is_bird else rng.exponential(0.7)))
    background = coloured(rng, seconds, 0.7 if is_bird else 1.0) * rng.choice([0.01, 0.05, 0.2])
    return unit(unit(x) + background)


def variable(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, (value & 0x7F) | 0x80)
    return bytes(out)


def midi(rng, seconds, *, bpm=None, scale=None, root=None, drums=None, programs=None):  # noqa: C901 - a piece has many parts
    """Return a random piece of one key and tempo as a MIDI file."""
    bpm = rng.uniform(60, 170) if bpm is None else bpm
    scale = SCALES[int(rng.integers(len(SCALES)))] if scale is None else scale
    root = int(rng.integers(0, 12)) if root is None else root
    # 0-2 band, 3 and 6 one instrument, 4 chords, 5 drums and bass
    shape = int(rng.integers(0, 7)) if programs is None else 0
    programs = [int(p) for p in rng.integers(0, 104, size=3)] if programs is None else programs
    if shape in (3, 6):
        programs[0] = int(rng.choice(SOLO))
    drums = (shape in (0, 1, 5) and rng.random() < 0.85) if drums is None else drums
    events = [(0, bytes([0xC0 | c, p])) for c, p in enumerate(programs)]
    beats, pattern = int(seconds * bpm / 60) + 4, ROCK if rng.random() < 0.7 else SPARSE
    note = lambda degree: root + 12 * (degree // len(scale)) + scale[degree % len(scale)]  # noqa: E731

    def play(at, channel, pitch, length, loud):
        pitch = int(np.clip(pitch, 20, 108))
        events.append((int(at * 480), bytes([0x90 | channel, pitch, loud])))
        events.append((int((at + length) * 480), bytes([0x80 | channel, pitch, 0])))

    degree, at, chords = 7, 0.0, [0, *rng.choice([3, 4, 5, 1], size=3)]
    if shape not in (4, 5):
        while at < beats:
            length = float(rng.choice([0.25, 0.5, 0.5, 1, 1, 2]))
            if rng.random() < 0.9:
                play(at, 0, 60 + note(degree), length * 0.95, int(rng.integers(70, 115)))
            degree = int(np.clip(degree + rng.integers(-2, 3), 0, 14))
            at += length
    for beat in range(beats if shape not in (3, 6) else 0):
        chord = int(chords[beat // 4 % 4])
        if beat % 4 == 0 and shape != 5:
            for step in (0, 2, 4):
                play(beat, 1, 48 + note(chord + step), 3.9, 75)
        if shape != 4:
            play(beat, 2, 36 + note(chord), 0.9, 90)
        for half in range(2 if drums else 0):
            if (hit := pattern[(2 * beat + half) % 4]) != 0:
                play(beat + half / 2, 9, hit, 0.2, int(rng.integers(80, 120)))
    body, last = b"\x00\xff\x51\x03" + int(60e6 / bpm).to_bytes(3, "big"), 0
    for tick, data in sorted(events, key=lambda event: event[0]):
        body, last = body + variable(tick - last) + data, tick
    body += b"\x00\xff\x2f\x00"
    head = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x00\x00\x01" + (480).to_bytes(2, "big")
    return head + b"MTrk" + len(body).to_bytes(4, "big") + body


def played(data: bytes) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        song, sound = Path(folder, "song.mid"), Path(folder, "song.wav")
        song.write_bytes(data)
        call = ["fluidsynth", "-ni", "-q", "-g", "0.6", "-r", str(RATE), "-F", str(sound), FONT, str(song)]
        subprocess.run(call, check=True, capture_output=True)
        return read_wav(sound.read_bytes())


def plucked(rng, seconds):
    """Karplus and Strong's string in a pentatonic loop, with a drum in NumPy."""
    n, x = int(seconds * RATE), np.zeros(int(seconds * RATE))
    step = int(RATE * 60 / rng.uniform(80, 160) / 2)
    root = rng.uniform(80, 300)
    for at in range(0, n, step):
        period = int(RATE / (root * 2 ** (rng.choice([0, 3, 5, 7, 10, 12]) / 12)))
        m = min(2 * RATE, n - at)
        string = np.zeros(m + period)
        string[:period] = rng.uniform(-1, 1, period)
        for start in range(period, len(string), period):
            previous = string[start - period : start]
            found = 0.498 * (previous + np.roll(previous, 1))
            string[start : start + period] = found[: len(string) - start]
        x[at : at + m] += string[:m]
    if rng.random() < 0.5:
        for at in range(0, n, 2 * step):
            m = min(3000, n - at)
            x[at : at + m] += np.sin(60 * np.exp(-np.arange(m) / 900)) * np.exp(-np.arange(m) / 800)
    return unit(x)


def music(rng, seconds):
    if rng.random() < 0.15:
        return plucked(rng, seconds)
    return unit(fitted(played(midi(rng, seconds + 2)), seconds, rng))


def spoken_over_music(rng, seconds):
    return unit(
        unit(music(rng, seconds)) * rng.uniform(0.5, 1) + unit(speech(rng, seconds)) * rng.uniform(0.4, 1)
    )


def room(rng, x):
    m = int(RATE * rng.uniform(0.1, 0.6))
    tail = rng.normal(size=m) * np.exp(-6.9 * np.arange(m) / m) * 0.15
    tail[0] = 1
    return unit(fftconvolve(x, tail)[: len(x)])


def telephone(rng, x):
    return unit(band(200, 3600, x)) + coloured(rng, len(x) / RATE, 0.5) * 0.02


def opus(x: np.ndarray, bits: int = 24_000) -> np.ndarray:
    """Return the sound after one Opus voice message, by PyAV."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=48_000, layout="mono", bit_rate=bits)
        frame = av.AudioFrame.from_ndarray((x * 32767).astype("<i2")[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        for part in [*av.AudioResampler("flt", "mono", 48_000).resample(frame)]:
            part.pts = None
            for packet in stream.encode(part):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    file.seek(0)
    with av.open(file) as heard:
        found = [f for frame in heard.decode(audio=0) for f in av_resampled(frame)]
    return np.concatenate(found)[: len(x)]


_resampler: dict[int, av.AudioResampler] = {}


def av_resampled(frame):
    ours = _resampler.setdefault(frame.sample_rate, av.AudioResampler("flt", "mono", RATE))
    frame.pts = None
    return [part.to_ndarray()[0] for part in ours.resample(frame)]


def worn(rng, x):
    """Return the sound as people send it."""
    x = unit(x) * rng.choice([0.05, 0.2, 0.5, 0.95])
    kind = int(rng.integers(0, 6))
    if kind == 1:
        return room(rng, x)
    if kind == 2:
        return telephone(rng, x)
    if kind == 4:
        return room(rng, x) + coloured(rng, len(x) / RATE, 0.7) * float(np.abs(x).max()) * 0.02
    if kind == 3:
        return x + coloured(rng, len(x) / RATE, 0.7) * float(np.abs(x).max()) * rng.choice([0.01, 0.03])
    return x


KINDS = {
    "music": music,
    "spoken over music": spoken_over_music,
    "speech": speech,
    "noise": noise,
    "animals": animals,
}
