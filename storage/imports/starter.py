"""The catalogue that Segue ships with: plain facts about well-known songs, compiled by hand."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from storage.imports.cells import CellError, year
from storage.imports.names import clean
from storage.imports.table import Table
from storage.imports.table_reader import TableReader
from storage.imports.text_file import TextFile
from storage.rows import ImportFormatError, Options, Row, Tag, TrackRow

COLUMNS = ["artist", "title", "year", "country", "genres", "moods"]


def _listed(names: str) -> frozenset[str]:
    return frozenset(names.split(";"))


GENRES = _listed(
    "rock;classic rock;hard rock;heavy metal;nu metal;punk;post-punk;new wave;alternative rock;"
    "indie rock;britpop;grunge;shoegaze;progressive rock;psychedelic rock;post-rock;gothic rock;emo;"
    "pop punk;folk;folk rock;singer-songwriter;country;americana;bluegrass;blues;rock and roll;"
    "surf rock;doo-wop;jazz;vocal jazz;soul;motown;funk;disco;r&b;neo soul;gospel;hip hop;trap;"
    "trip hop;electronic;house;techno;drum and bass;ambient;synthpop;industrial;dance;hyperpop;pop;"
    "indie pop;dream pop;art pop;k-pop;j-pop;j-rock;city pop;mandopop;cantopop;latin pop;latin rock;"
    "reggaeton;salsa;son cubano;bossa nova;mpb;samba;tango;cumbia;ranchera;flamenco;chanson;"
    "french pop;schlager;krautrock;italian pop;fado;celtic;nordic folk;balkan;klezmer;russian rock;"
    "eurodance;reggae;ska;dub;dancehall;afrobeat;afrobeats;highlife;soukous;mbalax;amapiano;"
    "desert blues;ethio-jazz;rai;arabic pop;anatolian rock;turkish pop;bollywood;qawwali;"
    "indian classical;enka;classical;soundtrack;"
    "metalcore;alternative metal;black metal;folk metal;melodic death metal;doom metal;thrash metal;"
    "symphonic metal;death metal;progressive metal;power metal;stoner rock;math rock;garage rock;glam rock;"
    "hardcore punk;post-hardcore;screamo;ska punk;lo-fi;trance;idm;chillwave;new age;minimalism;swing;bebop;"
    "opera;baroque;romantic era;bachata;drill;grime"
)
MOODS = _listed(
    "happy;sad;melancholic;romantic;dreamy;energetic;calm;angry;dark;uplifting;nostalgic;party;"
    "danceable;chill;epic;rebellious;hopeful;heartbroken;sensual;playful;intense;atmospheric;raw;"
    "groovy;summery;nocturnal;rainy;spiritual;quirky;anthemic"
)
_EARLIEST_RECORDING = 1900


class StarterReader(TableReader):
    """Reader of a CSV file with artist, title, year, country, genres, moods; the last two separated by ";".

    A line with a genre or mood outside the lists above is skipped.
    """

    def __init__(self, path: Path, options: Options) -> None:
        source = options.source or "starter"
        table = Table(TextFile(path), delimiter=",")
        super().__init__(table, source, source)
        if table.first != COLUMNS:
            raise ImportFormatError(
                f"{path} is no starter catalogue: its first line should be {','.join(COLUMNS)}."
            )

    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        artist, title = clean(cells[0]).text, clean(cells[1]).text
        if not (artist and title):
            raise CellError("no artist or no title")
        released, country = year(cells[2]), cells[3]
        if released is None or not _EARLIEST_RECORDING <= released <= datetime.now(UTC).year:
            raise CellError("year in which nothing was recorded")
        if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
            raise CellError("country that is no ISO 3166 alpha-2 code")
        tags = (*_tags(cells[4], "genre", GENRES), *_tags(cells[5], "mood", MOODS))
        return (TrackRow(line, artist, title, country=country, year=released, tags=tags),)


def _tags(cell: str, kind: str, known: frozenset[str]) -> list[Tag]:
    """Return one to three tags, the most fitting first: it weighs 1, the second 3/4, the third 1/2."""
    names = cell.split(";")
    if len(names) > 3 or len(set(names)) < len(names) or not known.issuperset(names):
        raise CellError(f"other than one to three known {kind}s")
    return [Tag(name, kind, 1 - place / 4) for place, name in enumerate(names)]
