"""Words for the mood of music, among all that people tag it with."""

from storage.text import fold

_FEELINGS = frozenset((
    "aggressive", "angry", "anthemic", "atmospheric", "beautiful", "bittersweet", "calm", "cheerful",
    "chill", "chillout", "cosy", "danceable", "dark", "depressing", "depressive", "dramatic", "dreamy",
    "driving", "emotional", "energetic", "epic", "ethereal", "feel good", "feelgood", "fun", "gloomy",
    "groovy", "happy", "haunting", "heartbroken", "hopeful", "hypnotic", "intense", "intimate", "joyful",
    "late night", "lonely", "lush", "melancholic", "melancholy", "mellow", "moody", "mysterious",
    "nocturnal", "nostalgic", "party", "passionate", "peaceful", "playful", "powerful", "quiet", "quirky",
    "rainy", "raw", "rebellious", "relaxed", "relaxing", "romantic", "sad", "sensual", "sentimental",
    "sexy", "soft", "soothing", "spiritual", "summery", "sunny", "sweet", "tender", "trippy", "upbeat",
    "uplifting", "warm",
))  # fmt: skip


def is_feeling(tag: str) -> bool:
    """Tell whether a tag says how music feels.

    >>> is_feeling("Melancholic"), is_feeling("feel-good"), is_feeling("trip hop")
    (True, True, False)
    """
    return fold(tag) in _FEELINGS
