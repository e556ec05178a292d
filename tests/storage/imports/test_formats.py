import pytest

from storage.imports import FORMATS, ImportFormatError, Options, open_reader


def test_every_format_says_in_a_line_what_it_reads():
    sets = {"lastfm-2k", "lastfm-matrix", "spotify-tracks", "plays"}
    assert set(FORMATS) == {"auto", "starter", "related", "texts", *sets}
    assert all(len(form.summary) < 90 and "\n" not in form.summary for form in FORMATS.values())


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("itunes", {}, "There is no format itunes; choose one of auto, lastfm-2k, lastfm-matrix"),
        ("starter", {"account": "ann"}, "The format starter knows its columns and users"),
        ("lastfm-2k", {"columns": ("user",)}, "The format lastfm-2k knows its columns and users"),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path, name, options, says):
    with pytest.raises(ImportFormatError, match=says):
        open_reader(name, tmp_path, Options(**options))


def test_a_source_has_a_name_of_one_line(write):
    reader = open_reader("plays", write("user,artist\nann,ABBA\n"), Options(source="my\nlog "))
    assert (reader.source, reader.platform) == ("my log", "my log")
