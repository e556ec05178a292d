"""Words of grammar that the parser looks at one by one; all folded."""

from bot.wishes.tokens import Token


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNITS = _words("minutes minute min mins hours hour hrs h minuten stunden stunde minutos horas hora uhr am pm")
AGES = _words("year years yr jahrige jahriges jahrigen jahre")
SONGS = _words(
    "song songs songz track tracks tune tunes bangers banger bops hits jams lied lieder titel stuck stucke "
    "cancion canciones temas tema rolas pistas ballads albums artists bands recommendations recs suggestions "
    "vorschlage empfehlungen recomendaciones sugerencias picks numbers exitos singles anthems covers deep"
)
"""Of these a number counts: "two happy songs"."""
REQUESTS = SONGS | _words(
    "music musik musica mucke something anything some play give gimme gib "
    "spiel pon ponme dame quiero need want "
    "wanna recommend suggest find show playlist mix stuff etwas irgendwas was algo brauche will suche busco "
    "recomienda recomiendame empfiehl looking similar for fur para zum "
    "similiar parecido ahnlich mood vibe vibes "
    "please bitte porfa ahnliches stimmung beats sounds"
)
"""A line with one of these asks for music."""
ASKING = _words("not but like hate more less")
"""Kinds of grammar words that no name has."""
ENDS_NOT = _words("for fur zum beim para from in aus with mit con please bitte while when songs music")
"""They end what "not" covers: "no metal for running"."""
ENDS_NAME = ENDS_NOT | _words("songs please i what que was von vibes")
COMPARATIVES = _words(
    "happier sadder slower faster louder quieter softer calmer darker "
    "heavier harder dreamier gentler mellower "
    "funnier quicker moodier weirder lighter schneller langsamer lauter leiser harter sanfter"
)
AT_THE_END = _words(
    "ruhiger frohlicher trauriger dusterer dunkler flotter entspannter lockerer wilder heiterer"
)
"""German comparatives that look like inflected adjectives; at the end they are none: "etwas ruhiger"."""
LISTING = _words("or nor oder o ni and und y")
CONJUNCTIONS = _words("and or nor und oder y e o u plus n")

EARLY = _words("early fruhe fruhen fruher principios inicios comienzos anfang primeros beginning start")
LATE = _words("late spate spaten later finales fines ende end final ultimos")
MID = _words("mid middle mitte mediados")
SINCE = _words("since seit ab desde after post nach despues")
AFTER = _words("after post nach despues")
BEFORE = _words("before pre until till vor bis antes hasta")
UNTIL = _words("until till bis hasta")
TO = _words("to and through till until bis und y a hasta al or")
BRIDGE = _words(
    "the of de del los la las der den dem die das jahre jahren anos ano "
    "from to in aus part partir decada decadas"
)
BEFORE_BARE = _words("los die der den anos ano the jahre decada")
OPENING = _words("between from zwischen von entre desde de")
"""They open a range of years."""
NO_GENRES = _words(
    "son mass beat jit 4x4 minimal funky asian humor noise boogie "
    "orchestra ballet sega punta axe jerkin juke "
    "juju comedy hardcore breaks halftime lowercase baggy"
)
"""Names of genres that are other words first."""


def compare(phrase: list[str], after: list[Token]) -> bool:
    """Tell whether a phrase compares: "happier"; `after` is the token behind it, if any."""
    if len(phrase) != 1:
        return False
    is_last = not after or after[0].is_sign
    return phrase[0] in COMPARATIVES or (phrase[0] in AT_THE_END and is_last)
