"""What a name may mean in a certain place: of songs and artists to choose from, none that it bars."""

from dataclasses import replace

from recommender.catalog.resolve import from_match, resolve
from recommender.slates.place_rules import allowed
from recommender.types import Resolution, Song
from storage.search import Search
from storage.store import Store


def meant(store: Store, text: str, place: int | None) -> Resolution:
    """Resolve `text`; nothing is offered that the `place` bars, but what is named without doubt is found."""
    found = resolve(store, text)
    return replace(found, others=allowed(store, place, found.others))


def completed(store: Store, text: str, n: int, place: int | None) -> list[Song]:
    """Return at most `n` songs and artists for half a name; nothing that the `place` bars."""
    # More are looked for than shown, where some may have to be left out.
    matches = Search(store).complete(text, n if place is None else 2 * n)
    return list(allowed(store, place, [from_match(match) for match in matches])[:n])
