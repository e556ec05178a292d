"""Texts about music: what is read, whom it is about, and that it is kept once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.catalogue.texts import Texts, terms_of
from storage.imports import ImportFormatError, Skipped, TextRow, open_reader
from storage.imports.texts import _row
from storage.ingest.importer import run_import
from storage.store import Store
from storage.writer import Writer

REVIEW = "A slow burning record of hushed harmonies and patient drums, sparse guitars and much silence."


def read(path):
    return list(open_reader("texts", path).rows())


def test_front_matter_names_the_artist_and_the_date(tmp_path):
    front = "---\nartist: Low\ndate: 2021-09-10\ntitle: x\n---\n"
    (tmp_path / "low.md").write_text(f"{front}# Review\n\n**{REVIEW}**\n")
    (row,) = read(tmp_path)
    assert row.artists == ("Low",)
    assert row.at == 1_631_232_000
    assert row.text == f"Review\n{REVIEW}"


def test_of_a_page_only_what_a_reader_reads_is_kept(tmp_path):
    (tmp_path / "page.html").write_text(
        "<html><head><style>p{}</style><script>var x</script></head><body><nav>Home Shop</nav>"
        f"<p>{REVIEW}</p><p>We use cookies.</p><p>All rights reserved</p>"
        "<footer>Contact</footer></body></html>"
    )
    (row,) = read(tmp_path)
    assert row.text == REVIEW


def test_a_line_of_json_is_a_text_and_a_broken_one_is_skipped(tmp_path):
    path = tmp_path / "r.jsonl"
    told = json.dumps({"artists": ["Low", "Codeine"], "body": REVIEW})
    path.write_text(f'{told}\n{{broken\n[1]\n{{"text": "x"}}')
    first, *others = read(path)
    assert isinstance(first, TextRow)
    assert first.artists == ("Low", "Codeine")
    assert [other.reason for other in others] == ["no JSON", "no JSON object", "no text to speak of"]


VALUES = st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text()))


@given(st.dictionaries(st.sampled_from(["text", "artist", "artists", "date"]), VALUES))
def test_no_field_of_json_breaks_the_reader(said):
    assert isinstance(_row(1, said), TextRow | Skipped)


def test_a_folder_without_texts_is_refused(tmp_path):
    with pytest.raises(ImportFormatError, match="holds no texts"):
        open_reader("texts", tmp_path)


@pytest.fixture
def stored(tmp_path):
    """A database with three artists, and how to import a text into it."""
    database = tmp_path / "m.db"

    def artists(store):
        return [store.music.ensure_artist(name) for name in ("Massive Attack", "Low", "Air")]

    folder = tmp_path / "texts"
    folder.mkdir()

    with Writer(database) as writer:
        ids = writer.write(artists).result()

        def bring(text, name="a.txt"):
            (folder / name).write_text(text)
            return run_import(writer, open_reader("texts", folder))

        with Store.open(database, readonly=True) as store:
            yield bring, ids, Texts(store.db)


def test_names_in_the_text_are_found_with_capitals_and_short_ones_only_if_they_come_again(stored):
    bring, (massive, low, _), texts = stored
    report = bring("On it Massive Attack brood; low drums, thin air. Low would. Low did. Air once, no more.")
    assert report.new["texts"] == 1
    assert {row[0] for row in texts.terms()} == {massive, low}


def test_the_same_text_again_changes_nothing(stored):
    bring, _, texts = stored
    bring(f"Massive Attack. {REVIEW}")
    before = list(texts.terms())
    report = bring(f"Massive Attack. {REVIEW}", name="copy.txt")
    assert (report.kept, report.merged) == (0, 2)
    assert list(texts.terms()) == before


def test_a_text_about_nobody_known_is_skipped_with_the_reason(stored):
    bring, *_ = stored
    assert "text that names no artist of the catalogue" in bring(REVIEW).skipped


def test_terms_are_words_and_neighbours_within_a_line():
    assert terms_of("Slow burning,\nslow") == {"slow": 2, "burning": 1, "slow burning": 1}
