"""The menu that opens beside the text field: which commands, for whom, in which language."""

import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError

from bot.commands.table import COMMANDS

log = logging.getLogger(__name__)

# What makes sense where others read along.
_IN_GROUPS = (
    "recommend",
    "session",
    "next",
    "compare",
    "blend",
    "who",
    "neighbours",
    "visible",
    "circle",
    "similar",
    "mood",
    "discover",
    "like",
    "dislike",
    "more",
    "why",
    "skip",
    "undo",
    "privacy",
    "help",
)
_ADMIN = ("admin",)
# What only Telegram has.
_OURS = {"circle": "Listen together: a list for all who join", "admin": "Decide for this group"}
GERMAN = {
    "like": "Sag, dass du einen Song oder Künstler magst",
    "dislike": "Sag, dass er dir nicht gefällt",
    "recommend": "Songs für dich, oder eines Genres oder einer Stimmung",
    "similar": "Songs, die einem nahe sind",
    "mood": "Songs für eine Stimmung, eine Zeit, ein Wetter",
    "discover": "Songs, die wenige hören",
    "why": "Warum ein Song empfohlen wurde",
    "more": "Mehr wie Song N, oder noch einmal so viele",
    "skip": "Song N überspringen, oder den Rest der Liste",
    "undo": "Das Letzte zurücknehmen",
    "history": "Was du mir erzählt hast",
    "wrapped": "Ein Jahr deines Hörens",
    "tune": "Stell ein, wie abenteuerlich deine Listen sind",
    "profile": "Dein Geschmack: Künstler, Genres, Jahrzehnte",
    "block": "Nie wieder von einem Künstler hören",
    "unblock": "Einen blockierten Künstler wieder zulassen",
    "compare": "Vergleiche deinen Geschmack mit jemandem",
    "blend": "Lieder für dich und andere",
    "who": "Wer hier einen Künstler hört",
    "neighbours": "Wessen Geschmack hier deinem nahe ist",
    "visible": "Lass dich hier mit anderen vergleichen",
    "session": "Hört zusammen: anfangen, mitmachen, Song wünschen, beenden",
    "next": "Der nächste Song eurer Session, oder N in die Schlange",
    "add": "Mir einen Song beibringen, den ich nicht kenne",
    "import": "Bring mit, was du bisher gehört hast",
    "export": "Alles, was ich über dich speichere, als Datei",
    "forget": "Alles über dich löschen",
    "privacy": "Was ich speichere und warum",
    "settings": "Wie abenteuerlich deine Listen sein sollen",
    "help": "Alle Befehle, oder einer erklärt",
    "start": "Beginne mit drei Künstlern, die du liebst",
    "link": "Verbinde deine Konten auf zwei Plattformen",
    "unlink": "Trenne die zuletzt verbundenen Konten",
    "connect": "Lass herein, was du anderswo hörst",
    "playlist": "Speichere die letzte Liste bei Spotify",
    "disconnect": "Lösche, was von einem Dienst kam",
    "circle": "Hört zusammen: eine Liste für alle, die mitmachen",
    "admin": "Für diese Gruppe entscheiden",
}
SPANISH = {
    "like": "Di que te gusta una canción o un artista",
    "dislike": "Di que no te gusta",
    "recommend": "Canciones para ti, o de un género o ambiente",
    "similar": "Canciones cercanas a una",
    "mood": "Canciones para un estado de ánimo, una hora, un clima",
    "discover": "Canciones que pocos escuchan",
    "why": "Por qué se recomendó una canción",
    "more": "Más como la canción N, u otras tantas",
    "skip": "Salta la canción N, o el resto de la lista",
    "undo": "Retira lo último que dijiste",
    "history": "Lo que me has contado",
    "wrapped": "Un año de lo que has escuchado",
    "tune": "Elige lo atrevidas que son tus listas",
    "profile": "Tu gusto: artistas, géneros, décadas",
    "block": "No volver a oír de un artista",
    "unblock": "Deja volver a un artista bloqueado",
    "compare": "Compara tu gusto con el de alguien",
    "blend": "Canciones para ti y otros",
    "who": "Quién escucha aquí a un artista",
    "neighbours": "De quién es aquí el gusto cercano al tuyo",
    "visible": "Deja que te comparen aquí",
    "session": "Escuchad juntos: empezar, unirse, pedir una canción, terminar",
    "next": "La siguiente canción de la sesión, o N en la cola",
    "add": "Enséñame una canción que no conozco",
    "import": "Trae lo que has escuchado hasta ahora",
    "export": "Todo lo que guardo sobre ti, como archivo",
    "forget": "Borra todo sobre ti",
    "privacy": "Qué guardo y por qué",
    "settings": "Lo atrevidas que quieres tus listas",
    "help": "Todos los comandos, o uno explicado",
    "start": "Empieza con tres artistas que amas",
    "link": "Une tus cuentas de dos plataformas",
    "unlink": "Separa las últimas cuentas unidas",
    "connect": "Deja entrar lo que escuchas en otros sitios",
    "playlist": "Guarda la última lista en Spotify",
    "disconnect": "Borra lo que llegó de un servicio",
    "circle": "Escuchad juntos: una lista para quienes se unan",
    "admin": "Decide por este grupo",
}
_LANGUAGES: dict[str, dict[str, str]] = {"": {}, "de": GERMAN, "es": SPANISH}


def menus() -> list[tuple[BotCommandScope, str, list[BotCommand]]]:
    """Return every menu as (whom for, language, commands); the language "" is for everybody else."""
    shown = {
        BotCommandScopeAllPrivateChats(): tuple(COMMANDS),
        BotCommandScopeAllGroupChats(): _IN_GROUPS,
        BotCommandScopeAllChatAdministrators(): (*_IN_GROUPS, *_ADMIN),
    }
    return [
        (scope, language, [BotCommand(name, words.get(name) or _english(name)) for name in names])
        for scope, names in shown.items()
        for language, words in _LANGUAGES.items()
    ]


def _english(name: str) -> str:
    return _OURS[name] if name in _OURS else COMMANDS[name].summary


async def set_menus(bot: Bot) -> None:
    """Tell Telegram the menus; without them the bot works all the same."""
    try:
        for scope, language, commands in menus():
            await bot.set_my_commands(commands, scope, language or None)
    except TelegramError as error:
        log.warning("the menus could not be set: %s", error)
