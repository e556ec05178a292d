"""Words for a sound: the tags of both networks under one name, the name of the catalogue."""

import numpy as np

from recommender.arrays import Floats
from recommender.audio.musicnn import TAGS

_SAME = {
    "female vocals": "female vocalists,female vocalist,female vocal,female voice,female,woman",
    "male vocals": "male vocalists,male vocal,male voice,male,man",
    "instrumental": "instrumental,no vocals,no vocal,no voice",
    "choir": "choir,choral",
    "electronic": "electronic,electronica,electro,synth",
    "classical": "classical,classic",
    "indie": "indie,indie rock,indie pop",
    "beats": "beats,beat",
    "metal": "metal,heavy metal",
    "rock": "rock,hard rock",
    "chillout": "chillout,chill",
    "slow": "slow,quiet,soft",
    "vocals": "vocals,vocal,singing,voice",
}
_ALONE = (
    "pop, alternative, dance, alternative rock, jazz, classic rock, soul, mellow, folk, punk, oldies, "
    "blues, ambient, acoustic, experimental, guitar, hip-hop, party, country, easy listening, funk, "
    "progressive rock, rnb, sad, house, happy, techno, strings, drums, fast, piano, violin, indian, "
    "opera, harpsichord, flute, sitar, new age, harp, cello, 60s, 70s, 80s, 90s"
)
WORDS = {word: tuple(tags.split(",")) for word, tags in _SAME.items()} | {
    word: (word,) for word in _ALONE.split(", ")
}
"""Each word with the tags of the networks that it stands for."""

CATALOGUE = {
    "female vocals": ("female vocals", "female vocalists", "female vocalist"),
    "male vocals": ("male vocals", "male vocalists"),
    "rnb": ("rnb", "r&b"),
    "60s": ("1960s", "60s"),
    "70s": ("1970s", "70s"),
    "80s": ("1980s", "80s"),
    "90s": ("1990s", "90s"),
}
"""Other names under which a catalogue may have a word."""

VOICES = ("vocals", "female vocals", "male vocals")
"""The words for a voice."""

_COLUMNS = [[at for at, tag in enumerate(TAGS) if tag in tags] for tags in WORDS.values()]
_PLACES = {word: place for place, word in enumerate(WORDS)}
_LEAST = 0.05  # probability of a tag that is heard at all
_MOST = 16  # words that describe a piece


def words(tags: Floats) -> tuple[tuple[str, float], ...]:
    """Return at most 16 words with their probabilities, the surest first, of 100 probabilities of `TAGS`."""
    found = dict(zip(WORDS, word_probabilities(tags[None])[0].tolist(), strict=True))
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    return tuple((word, round(value, 3)) for word, value in ranked[:_MOST] if value >= _LEAST)


def word_probabilities(tags: Floats) -> Floats:
    """Return N x W probabilities, in the order of `WORDS`, of N x 100 probabilities of `TAGS`.

    A voice and none exclude each other: the less probable one is 0.
    """
    found = np.stack([tags[:, columns].max(axis=1) for columns in _COLUMNS], axis=1)
    voice, none = [_PLACES[word] for word in VOICES], _PLACES["instrumental"]
    unsung = found[:, none] > found[:, voice].max(axis=1)
    found[np.ix_(unsung, voice)] = 0.0
    found[~unsung, none] = 0.0
    return found
