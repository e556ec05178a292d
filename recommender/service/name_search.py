"""Name search within a community: suggestions leave out everything it blocks."""

from dataclasses import replace

from recommender.catalog.resolve import from_match, resolve
from recommender.slates.place_rules import allowed
from recommender.types import Resolution, Song
from storage.search import Search
from storage.store import Store


def meant(store: Store, text: str, place: int | None) -> Resolution:
    """Resolve `text`; suggestions exclude what the community `place` blocks, exact matches do not."""
    found = resolve(store, text)
    return replace(found, others=allowed(store, place, found.others))


def named(store: Store, text: str, place: int | None) -> tuple[Song, ...]:
    """Return the tracks and artists named exactly `text`; of several, none that `place` blocks."""
    found = tuple(from_match(match) for match in Search(store).named(text))
    return found if len(found) < 2 else allowed(store, place, found)


def completed(store: Store, text: str, n: int, place: int | None) -> list[Song]:
    """Return at most `n` tracks and artists for autocompletion, without those `place` blocks."""
    # Fetch more than `n`, since some may be blocked.
    matches = Search(store).complete(text, n if place is None else 2 * n)
    return list(allowed(store, place, [from_match(match) for match in matches])[:n])
