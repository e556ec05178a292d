"""Content: audio, texts, genres, moods and versions of songs as vectors and groups."""
