"""Files of interactions, as people have them."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation.interactions import NO_TIME, Interactions
from recommender.evaluation.readers import read, summary
from storage.imports import ImportFormatError


def pairs(data: Interactions) -> dict[tuple[str, str], float]:
    matrix = data.user_items.tocoo()
    return {
        (data.users[u], data.items[i]): float(w)
        for u, i, w in zip(matrix.row, matrix.col, matrix.data, strict=True)
    }


@pytest.fixture
def file(tmp_path):
    def write(text: str, name: str = "log.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


ROWS = [
    ("ann", "abba", 3.0, 1_241_478_537),
    ("ann", "blur", 1.0, 1_241_478_538),
    ("bo", "abba", 0.5, 1_241_478_539),
]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", " ", "::"])
@pytest.mark.parametrize("header", ["", "user,item,weight,timestamp", "userId,movieId,rating,timestamp"])
def test_every_delimiter_with_and_without_a_header(file, delimiter, header):
    lines = [",".join(map(str, row)) for row in ROWS]
    text = "\n".join([*([header] if header else []), *lines]).replace(",", delimiter)
    data = read("interactions", file(text))
    assert pairs(data) == {(user, item): weight for user, item, weight, _ in ROWS}
    assert data.log.times.tolist() == [time for *_, time in ROWS]
    assert data.report.skipped == {}


def test_a_header_puts_the_columns_in_any_order(file):
    data = read("interactions", file("timestamp,plays,track,user\n1241478537,7,song,ann\n"))
    assert pairs(data) == {("ann", "song"): 7}
    assert data.log.times.tolist() == [1_241_478_537]


def test_a_header_of_unknown_words_stands_above_numbers(file):
    data = read("interactions", file("wer,was,wieviel\n1,2,3\n4,5,6\n"))
    assert pairs(data) == {("1", "2"): 3, ("4", "5"): 6}


def test_two_columns_weigh_one_and_have_no_time(file):
    data = read("interactions", file("a,x\na,y\nb,x\n"))
    assert pairs(data) == {("a", "x"): 1, ("a", "y"): 1, ("b", "x"): 1}
    assert not data.has_times
    assert set(data.log.times.tolist()) == {NO_TIME}


def test_repeated_pairs_are_summed_and_stay_apart_in_the_log(file):
    data = read("interactions", file("a,x,2,1000000001\na,x,3,1000000002\n"))
    assert pairs(data) == {("a", "x"): 5}
    assert len(data.log.users) == 2


def test_gzip_is_read_like_plain_text(tmp_path):
    path = tmp_path / "log.tsv.gz"
    path.write_bytes(gzip.compress(b"a\tx\t2\nb\ty\t1\n"))
    assert pairs(read("interactions", path)) == {("a", "x"): 2, ("b", "y"): 1}


def test_a_sign_in_some_names_is_no_delimiter(file):
    data = read("interactions", file("ann abba\nbo crosby,stills\nann blur\nbo peter,paul\nbo abba\n"))
    assert len(data.items) == 4
    assert ("bo", "crosby,stills") in pairs(data)


def test_quoted_cells_keep_their_commas(file):
    data = read("interactions", file('user,item\nann,"Crosby, Stills"\nann,Nash\n'))
    assert pairs(data) == {("ann", "Crosby, Stills"): 1, ("ann", "Nash"): 1}


def test_bad_lines_are_counted_by_reason_with_their_numbers(file):
    lines = ["user,item,weight,time", "a,x,1,1000000000", "a,x", ",x,1,1000000000", "a,x,0,1000000000"]
    lines += [
        "a,x,-2,1000000000",
        "a,x,many,1000000000",
        "a,x,nan,1000000000",
        "a,x,1,yesterday",
        "",
        "b,y,1,",
    ]
    data = read("interactions", file("\n".join(lines)))
    assert pairs(data) == {("a", "x"): 1, ("b", "y"): 1}
    skipped = {reason: (tally.count, tally.lines) for reason, tally in data.report.skipped.items()}
    assert skipped == {
        "not 4 cells": (1, [3]),
        "no user or no item": (1, [4]),
        "a weight that is not above 0": (3, [5, 6, 8]),
        "a weight that is no number": (1, [7]),
        "a time that is not understood": (1, [9]),
    }
    assert (data.report.read, data.report.kept) == (9, 2)


def test_times_may_be_dates_or_milliseconds(file):
    data = read("interactions", file("user,item,time\na,x,2009-05-04T23:08:57Z\na,y,1241478537000\n"))
    assert data.log.times.tolist() == [1_241_478_537] * 2


def test_small_weights_can_be_left_out(file):
    data = read("interactions", file("a,x,3\na,y,4\nb,x,5\n"), least=4)
    assert pairs(data) == {("a", "y"): 4, ("b", "x"): 5}
    assert "a weight below 4" in summary(data)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("one\ntwo\n", "no interactions"),
        ("user,item\n", "no interactions"),
        ("a,x,0\n", "no interactions"),
    ],
)
def test_a_file_without_interactions_is_refused_in_a_sentence(file, text, says):
    with pytest.raises(ImportFormatError, match=says):
        read("interactions", file(text))


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(ImportFormatError, match="interactions, lastfm-2k"):
        read("spotify-tracks", tmp_path)


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Nd"], codec="utf-8"), min_size=1, max_size=8)


@given(
    st.lists(st.tuples(NAMES, NAMES, st.integers(1, 1_000)), min_size=3, max_size=30),
    st.sampled_from([",", "\t", ";", " "]),
)
def test_what_was_written_is_read(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("log") / "log.txt"
    lines = ["user item weight", *(" ".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines).replace(" ", delimiter), encoding="utf-8")
    wanted: dict[tuple[str, str], float] = {}
    for user, item, weight in rows:
        wanted[user, item] = wanted.get((user, item), 0) + weight
    assert pairs(read("interactions", path)) == wanted


def test_plays_are_read_on_both_axes(file):
    text = "user,artist,track,plays\nann,abba,sos,2\nann,abba,waterloo,3\nann,blur,,1\n"
    assert pairs(read("plays", file(text))) == {("ann", "abba"): 5, ("ann", "blur"): 1}
    tracks = read("plays", file(text), axis="track")
    assert pairs(tracks) == {("ann", "abba - sos"): 2, ("ann", "abba - waterloo"): 3}
    assert tracks.report.skipped["no track"].count == 1


def test_movielens_keeps_four_stars_and_more(tmp_path):
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,10,4.0,964982703\n1,20,3.5,964982703\n2,10,5.0,964982703\n"
    )
    (tmp_path / "movies.csv").write_text(
        'movieId,title,genres\n10,"Heat, The (1995)",Action|Crime\n20,Jumanji (1995),(no genres listed)\n'
    )
    (tmp_path / "tags.csv").write_text("userId,movieId,tag,timestamp\n2,10,Tense,1445714994\n")
    data = read("movielens", tmp_path)
    assert pairs(data) == {("1", "10"): 1, ("2", "10"): 1}
    assert data.report.skipped["a rating below 4"].lines == [3]
    nobody = np.zeros(len(data.users), dtype=np.bool_)
    by_editor = dict(zip(data.tags, data.item_tags(nobody).toarray()[0], strict=True))
    assert by_editor == {"action": 1, "crime": 1, "tense": 0}
    assert dict(zip(data.tags, data.item_tags(~nobody).toarray()[0], strict=True))["tense"] == 1
    assert pairs(read("movielens", tmp_path, least=3)) == {("1", "10"): 1, ("1", "20"): 1, ("2", "10"): 1}


@pytest.mark.parametrize(
    ("name", "text"), [("ratings.dat", "1::10::5::978300760\n"), ("u.data", "1\t10\t5\t978300760\n")]
)
def test_older_movielens_folders_are_read_too(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert pairs(read("movielens", tmp_path)) == {("1", "10"): 1}


def test_a_folder_without_ratings_is_refused(tmp_path):
    with pytest.raises(ImportFormatError, match=r"no ratings\.csv"):
        read("movielens", tmp_path)


def test_lastfm_2k_comes_with_who_tagged_and_who_knows_whom(lastfm_2k):
    data = lastfm_2k
    assert data.user_items.shape == (1_892, 17_629)  # three pairs of artists have the same name
    assert len(data.log.users) == 92_834
    assert data.friends.nnz == 25_434
    assert len(data.taggings.tags) == 186_479 - 1_538
    tagger = data.users.index("2")
    only = np.arange(len(data.users)) == tagger
    assert data.item_tags(only).sum() == np.sum(data.taggings.users == tagger) > 0


def test_the_other_sets_are_read(shared_data):
    films = read("movielens", shared_data / "ml-latest-small")
    assert (films.user_items.nnz, len(films.log.users)) == (48_580, 48_580)
    germany = read("lastfm-matrix", shared_data / "lastfm-germany" / "lastfm-matrix-germany.csv.gz")
    assert germany.user_items.shape == (1_226, 285)
    assert germany.user_items.nnz == 15_192
    celma = read("plays", shared_data / "lastfm-1k-sample" / "events-5000.tsv.gz", axis="track")
    assert celma.has_times
    assert len(celma.users) == 2


def test_reading_tells_how_far_it_is(shared_data):
    told: list[float] = []
    read(
        "lastfm-matrix", shared_data / "lastfm-germany" / "lastfm-matrix-germany.csv.gz", advance=told.append
    )
    assert told == sorted(told)
    assert told[0] >= 0
    assert 0.5 < told[-1] <= 1
