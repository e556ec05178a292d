"""Placeholder names, which players, rippers and services write if a name is missing.

A placeholder stays with the plays it came with, and is hidden everywhere else: see `tracks.hidden`.
"""

import re
from functools import lru_cache

from storage.naming.text import fold


def _keys(names: str) -> frozenset[str]:
    return frozenset(fold(name) for name in names.split(";") if name.strip())


_NOTHING = _keys(
    "unknown;n/a;none;null;nan;undefined;no name;no data;unknown album;unbekannt;unbekanntes Album;inconnu;"
    "inconnue;album inconnu;desconocido;desconocida;álbum desconocido;desconhecido;álbum desconhecido;"
    "sconosciuto;album sconosciuto;onbekend;onbekend album;okänd;okänt album;ukjent;ukjent album;ukendt;"
    "ukendt album;tuntematon;tuntematon albumi;nieznany;nieznany album;neznámý;neznámé album;ismeretlen;"
    "necunoscut;bilinmeyen;неизвестно;неизвестный;неизвестный альбом;невідомо;άγνωστο;不明;未知;알 수 없음;"
    "غير معروف;לא ידוע;ไม่ทราบ"
)
_NOBODY = _NOTHING | _keys(
    # Several artists, unnamed
    "various artists;various;various artist;various performers;various composers;various interprets;"
    "varios artist;va;v.a.;v/a;compilation;compilations;multiple artists;mixed artists;assorted artists;"
    "verschiedene Interpreten;verschiedene Künstler;verschiedene;diverse Interpreten;diverse Künstler;"
    "diverse;varios artistas;varios intérpretes;varios;artistas varios;vários artistas;vários intérpretes;"
    "vários;artistes divers;artistes variés;divers artistes;divers interprètes;divers;multi-interprètes;"
    "plusieurs artistes;artisti vari;autori vari;vari;aa.vv.;diverse artiesten;verschillende artiesten;"
    "diverse artister;diverse kunstnere;blandade artister;olika artister;eri esittäjiä;eri artisteja;"
    "różni wykonawcy;różni artyści;různí interpreti;různí umělci;rôzni interpreti;különböző előadók;"
    "válogatás;artiști diverși;çeşitli sanatçilar;razni izvođači;разные исполнители;разные артисты;сборник;"
    "різні виконавці;διάφοροι καλλιτέχνες;διάφοροι;ヴァリアス・アーティスト;ヴァリアスアーティスト;"
    "オムニバス;群星;合輯;合辑;여러 아티스트;다양한 아티스트;فنانون متنوعون;אמנים שונים;ศิลปินหลากหลาย;"
    # One artist, unknown
    "unknown artist;unknown artists;unknown performer;unknown composer;unknown author;no artist;"
    "artist unknown;artist;anonymous;unbekannter Künstler;unbekannter Interpret;unbekannte Interpreten;"
    "Interpret unbekannt;Künstler unbekannt;artiste inconnu;interprète inconnu;artista desconocido;"
    "intérprete desconocido;artista desconhecido;intérprete desconhecido;artista sconosciuto;"
    "onbekende artiest;okänd artist;ukjent artist;ukendt kunstner;ukendt artist;tuntematon esittäjä;"
    "tuntematon artisti;nieznany wykonawca;nieznany artysta;neznámý interpret;neznámy interpret;"
    "neznámý umělec;ismeretlen előadó;artist necunoscut;bilinmeyen sanatçi;nepoznati izvođač;"
    "неизвестный исполнитель;неизвестный артист;невідомий виконавець;άγνωστος καλλιτέχνης;"
    "不明なアーティスト;アーティスト不明;未知艺术家;未知藝術家;未知艺人;未知歌手;알 수 없는 아티스트;"
    "فنان غير معروف;אמן לא ידוע;ไม่ทราบศิลปิน"
)
_UNTITLED = _NOTHING | _keys(
    "untitled;untitled track;untitled song;no title;unknown title;unknown track;unknown song;track;"
    "title unknown;audio track;ohne Titel;unbenannt;unbekannter Titel;Titel unbekannt;kein Titel;"
    "sans titre;titre inconnu;piste inconnue;sin título;título desconocido;canción desconocida;"
    "pista desconocida;sem título;faixa desconhecida;senza titolo;titolo sconosciuto;traccia sconosciuta;"
    "zonder titel;onbekende titel;onbekend nummer;utan titel;okänd titel;okänt spår;uten tittel;ukjent spor;"
    "uden titel;ukendt titel;ukendt nummer;nimetön;tuntematon kappale;bez tytułu;nieznany utwór;"
    "nieznany tytuł;bez názvu;neznámá skladba;cím nélkül;ismeretlen szám;fără titlu;adsiz;başliksiz;"
    "bilinmeyen parça;без названия;неизвестный трек;неизвестная композиция;без назви;χωρίς τίτλο;無題;无题;"
    "タイトルなし;不明なトラック;不明な曲;未知曲目;未知标题;제목 없음;알 수 없는 제목;بدون عنوان;ללא שם"
)
_TRACK_WORDS = "|".join(
    sorted(
        _keys(
            "track;tracks;audio track;audiotrack;cd track;trk;untitled;untitled track;unknown track;unknown;"
            "titel;ohne Titel;Spur;piste;titre;pista;sin título;traccia;faixa;nummer;spår;spor;raita;kappale;"
            "ścieżka;"
            "utwór;stopa;skladba;sáv;szám;piesa;parça;iz;pesma;трек;дорожка;трэк;κομμάτι;トラック;曲;音轨;音軌;曲目;트랙;"
            "مقطع;רצועה"
        ),
        key=len,
        reverse=True,
    )
)
_NUMBERED = re.compile(
    rf"(?:{_TRACK_WORDS}) ?\d{{1,3}}(?: \d{{1,3}})?|\d{{1,3}} ?(?:{_TRACK_WORDS})(?: ?\d{{1,3}})?"
)
_NUMBERED_NOBODY = re.compile(r"(.+?) ?\d{1,3}")


@lru_cache(maxsize=1 << 14)
def names_nobody(artist: str) -> bool:
    """Tell whether an artist's name, or its key, is a placeholder: "Various Artists", "[unknown]".

    >>> names_nobody("<Unknown>"), names_nobody("Verschiedene Interpreten"), names_nobody("Unknown T")
    (True, True, False)
    """
    key = fold(artist)
    numbered = _NUMBERED_NOBODY.fullmatch(key)
    return key in _NOBODY or (numbered is not None and " " in numbered[1] and numbered[1] in _NOBODY)


def names_no_song(title: str) -> bool:
    """Tell whether a title, or its key, is a placeholder: "Track 01", "Untitled".

    >>> names_no_song("Track 01"), names_no_song("Piste 1"), names_no_song("Track of My Tears")
    (True, True, False)
    """
    key = fold(title)
    return key in _UNTITLED or (
        (key[-1:].isdecimal() or key[:1].isdecimal()) and bool(_NUMBERED.fullmatch(key))
    )
