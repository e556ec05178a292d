"""Small talk in a private chat: a greeting, thanks or a call for help gets an answer of its own kind."""

from bot.context import Ask
from bot.handlers import start
from bot.handlers.help import overview
from bot.replies import Button, Done, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import say
from storage.text import fold

# "Hello" is a song as well, but as a first message it is a greeting.
_GREETINGS = (
    "hi;hello;hey;hey there;hi there;hello there;good morning;good evening;good afternoon;howdy;heya;hiya;"
    "hey bot;hi bot;hallo;guten morgen;guten abend;guten tag;moin;servus;"
    "grüß dich;na;hola;buenas;buenos dias;"
    "buenas tardes;buenas noches;qué tal;qué onda;hola qué tal"
)
_THANKS = (
    "thanks;thank you;thx;ty;thanks a lot;thank you so much;thanks so much;many thanks;cheers;thanks man;"
    "thanks bro;thank u;tysm;awesome thanks;great thanks;perfect thanks;nice thanks;danke;danke schön;"
    "vielen dank;dankeschön;danke dir;super danke;besten dank;merci;gracias;muchas gracias;mil gracias;"
    "genial gracias;gracias bot;ok thanks;ok danke;ok gracias"
)
_HELP = (
    "help me;help me please;i need help;please help;please help me;what can you do;what can i do;"
    "how does this work;how do you work;how do i use this;how does it work;"
    "what do you do;what now;what is this;"
    "who are you;what are you;commands;menu;hilf mir;hilfe;ich brauche hilfe;was kannst du;was kann ich tun;"
    "wie geht das;wie funktioniert das;wie funktionierst du;was machst du;wer bist du;befehle;ayuda;ayúdame;"
    "necesito ayuda;qué puedes hacer;qué haces;cómo funciona;"
    "cómo funcionas;cómo se usa;qué es esto;quién eres;"
    "comandos;qué hago"
)
_FINE = (
    "how are you;how are you doing;hows it going;how's it going;what's up;whats up;sup;wie gehts;wie geht's;"
    "wie geht es dir;alles klar;cómo estás;como estas;cómo te va;how are u;hey how are you;hi how are you;"
    "hey and how are you;hallo wie gehts;hola cómo estás"
)
_BYE = (
    "bye;goodbye;good bye;see you;see ya;good night;bye bye;cya;later;tschüss;tschüs;ciao;bis bald;bis dann;"
    "gute nacht;adiós;chao;chau;hasta luego;nos vemos;bis später"
)


def _keys(phrases: str) -> frozenset[str]:
    return frozenset(map(fold, phrases.split(";")))


_KINDS = {
    kind: _keys(phrases)
    for kind, phrases in {
        "greeting": _GREETINGS,
        "thanks": _THANKS,
        "help": _HELP,
        "fine": _FINE,
        "bye": _BYE,
    }.items()
}


async def small_talk(ask: Ask, text: str) -> Reply | None:
    """Return the answer to a line that is not about music, None for any other line."""
    key = fold(text)
    kind = next((kind for kind, keys in _KINDS.items() if key in keys), "")
    match kind:
        case "greeting":
            return await start.greeting(ask)
        case "help":
            return overview()
        case "thanks":
            return _go_on(say("You're welcome! Shall I look for more?"))
        case "fine":
            return _go_on(say("I'm fine, thanks! What do you feel like hearing?"))
        case "bye":
            return Done(say("Bye! Come back any time."))
    return None


def _go_on(sentence: str) -> Done:
    return Done(sentence, buttons=(Button(say("Songs for me"), str(Run("recommend"))),))
