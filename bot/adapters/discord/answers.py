"""Answers to interactions: acknowledge at once, work, show, and redraw after changes.

Discord waits 3 seconds for the acknowledgement.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.adapters.discord.acknowledging import acknowledge
from bot.adapters.discord.cards import card
from bot.adapters.discord.errors import Interaction, safely
from bot.adapters.discord.i18n import language_of
from bot.adapters.discord.people import PLATFORM, account, community, is_alone, may_attach
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import SONGS, Page, Piece, Scene
from bot.adapters.discord.render.slate import heading
from bot.adapters.discord.sending import edit, send
from bot.commands import aside, delivered, on_list, perform, press
from bot.context import Ask, Context
from bot.pictures.painter import painter
from bot.replies import (
    Confirm,
    FileReply,
    HistoryReply,
    Marked,
    Notice,
    Problem,
    RadioReply,
    Reply,
    SessionReply,
    SlateReply,
    drawings,
)
from bot.replies.buttons import Agree, Feedback, KeepOut, OnRadio, OnSession, OnSong, Whole, Yes, parse
from bot.replies.files import fitted
from bot.replies.i18n import say, speak
from bot.replies.radio_card import song_of
from recommender.service import MusicService

Work = Callable[[Context], Awaitable[Reply]]

_VERDICTS = ("like", "dislike", "skip")
_PRIVATE = "discord.private"


class Answers:
    """The path from an interaction to `bot.commands` and back."""

    def __init__(self, music: MusicService) -> None:
        self.music = music
        self._private: dict[int, str] = {}  # each user's choice, "" for none; a cache of their setting

    # --- user, community, language -----------------------------------------------------------------------

    def context(self, interaction: Interaction) -> Context:
        """Return the asking user and community; a server without the bot as a member is no community."""
        return Context(
            self.music,
            account(interaction.user),
            community(interaction.guild, interaction),
            f"{PLATFORM}:{interaction.id}",
            str(interaction.channel_id or ""),
            str(interaction.channel_id or ""),
        )

    async def language(self, interaction: Interaction, *, shared: bool = False) -> str:
        """Return the user's interface language; for a `shared` message, the server's language."""
        decided = await interaction.client.house.settings(interaction.guild)
        own = (shared and interaction.guild_locale) or interaction.locale
        return language_of(own, decided.language)

    async def speak(self, interaction: Interaction, *, shared: bool = False) -> None:
        """Set the language of this task: the user's, or the server's for a `shared` message."""
        speak(await self.language(interaction, shared=shared))

    async def is_private(self, interaction: Interaction, *, discreet: bool = False) -> bool:
        """Return whether only the user sees an answer: their own choice, else `discreet`.

        Outside communities, answers are private unless the user chose public ones: members there do
        not know Segue.  In the private chat with the bot no answer needs hiding, and the result is False.
        """
        if is_alone(interaction):
            return False
        chosen = self._private.get(interaction.user.id)
        if chosen is None:
            user_id = await self.music.communities.user(PLATFORM, str(interaction.user.id))
            wish = None if user_id is None else await self.music.communities.wish(user_id, _PRIVATE)
            chosen = self._private[interaction.user.id] = wish or ""
        if not chosen:
            return discreet or community(interaction.guild, interaction) is None
        return chosen == "1"

    async def choose(self, interaction: Interaction, *, private: bool) -> None:
        """Store whether the user wants private answers."""
        context = self.context(interaction)
        listener = await self.music.arrive(context.account, context.community)
        await self.music.communities.set_wish(listener.user_id, _PRIVATE, str(int(private)))
        self._private[interaction.user.id] = str(int(private))

    # --- commands ---------------------------------------------------------------------------------------

    async def answer(
        self, interaction: Interaction, work: Work, *, private: bool | None = None, discreet: bool = False
    ) -> None:
        """Acknowledge, do the work and show its reply.

        None for `private` uses the user's setting; without a setting, `discreet` answers are private.
        """
        await safely(interaction, self._answer(interaction, work, private=private, discreet=discreet))

    async def _answer(
        self, interaction: Interaction, work: Work, *, private: bool | None, discreet: bool = False
    ) -> None:
        hidden = await self.is_private(interaction, discreet=discreet) if private is None else private
        await acknowledge(interaction, hidden=hidden)
        await self.speak(interaction, shared=not hidden)
        context = self.context(interaction)
        await self.show(interaction, context, await work(context), hidden=hidden)
        if (hidden or is_alone(interaction)) and (more := await aside(context)) is not None:
            await self._whisper(interaction, more)

    async def show(
        self,
        interaction: Interaction,
        context: Context,
        reply: Reply,
        *,
        hidden: bool = False,
        below: bool = False,
    ) -> None:
        """Show the reply in place of "is thinking", or `below`; stamp a slate as seen."""
        scene = await self._scene(interaction, reply)
        if isinstance(reply, SlateReply) and scene.pictures:  # redraws of the list leave the picture alone
            shown = replace(Page((Piece(heading(reply.title, "")),)), pictures=scene.pictures)
            await send(interaction, lambda _: shown, scene, hidden=hidden, below=below)
            scene, below = replace(scene, pictures=()), True
        if isinstance(reply, Confirm) and not hidden and not is_alone(interaction):
            # A question to one user is neither shown to others nor answered by them.
            aside = Notice(say("I have sent it to you in private."))
            await send(interaction, lambda s: page(aside, s), scene, hidden=hidden)
            await self._whisper(interaction, reply)
            return
        if isinstance(reply, SessionReply):
            await interaction.client.sessions.answer(interaction, reply, scene, hidden=hidden)
            return
        if isinstance(reply, FileReply):
            await self._hand_out(interaction, reply, scene, hidden=hidden)
            return
        message = await send(interaction, partial(_illustrated, reply), scene, hidden=hidden, below=below)
        if isinstance(reply, SlateReply) and message is not None and not hidden:
            # Everybody in the channel may press its buttons.
            place, number = str(message.channel.id), str(message.id)
            await self.music.cards.keep(PLATFORM, place, number, reply.slate.id)
        if isinstance(reply, SlateReply | RadioReply) and message is not None:
            await delivered(context, reply)

    async def _hand_out(
        self, interaction: Interaction, reply: FileReply, scene: Scene, *, hidden: bool
    ) -> None:
        """Send a file in as many messages as the upload limit requires."""
        first, *more = await asyncio.to_thread(fitted, reply, interaction.filesize_limit)
        await send(interaction, lambda s: page(first, s), scene, hidden=hidden)
        for part in more:
            await send(interaction, partial(page, part), scene, hidden=hidden, below=True)

    async def _scene(self, interaction: Interaction, reply: Reply) -> Scene:
        scene = Scene()
        if (wanted := drawings(reply)) and may_attach(interaction):
            scene = replace(scene, pictures=await painter().paint(wanted))
        if isinstance(reply, SlateReply):
            songs = tuple(pick.song for pick in reply.slate.picks)
            size = (await interaction.client.house.settings(interaction.guild)).size
            return replace(
                scene, links=await self.music.communities.links(songs, reply.slate.query.user_id), size=size
            )
        if isinstance(reply, RadioReply):
            song, user_id = song_of(reply.radio), reply.radio.slate.query.user_id
            return replace(scene, links=await self.music.communities.links((song,), user_id))
        return scene

    # --- buttons ----------------------------------------------------------------------------------------

    async def pressed(self, interaction: Interaction, payload: str) -> None:
        """Handle a press that carries `payload`."""
        await self.speak(interaction)
        meaning = parse(payload)
        work = partial(press, payload=payload)
        match meaning:
            case Feedback(slate_id, position, verb) if verb in _VERDICTS:
                await self._judged(interaction, slate_id, position, payload)
            case OnSong() | OnSession(verb="join" | "leave" | "next"):
                await acknowledge(interaction)
                reply = await work(self.context(interaction))
                if isinstance(reply, SessionReply):
                    await interaction.client.sessions.pressed(interaction, reply)
                else:
                    await self._whisper(interaction, reply)
            case OnRadio(_, verb) if verb != "why":
                await acknowledge(interaction)
                context = self.context(interaction)
                reply = await work(context)
                if isinstance(reply, RadioReply):
                    await self._replace(interaction, reply)
                    await delivered(context, reply)
                else:
                    await self._whisper(interaction, reply)
            case Agree() | KeepOut():
                await acknowledge(interaction)
                reply = await work(self.context(interaction))
                show = self._whisper if isinstance(reply, Problem) else self._replace
                await show(interaction, reply)
            case Yes():
                await acknowledge(interaction)
                reply = await work(self.context(interaction))
                interaction.client.listening.dismiss(interaction.user.id)
                self._private.pop(interaction.user.id, None)
                await self._replace(interaction, reply)
            case Feedback(_, _, "more") | Whole(_, "more"):
                await self._more(interaction, work)
            case _:
                await self.answer(interaction, work, private=not is_alone(interaction))

    async def _more(self, interaction: Interaction, work: Work) -> None:
        """Send another list below; only the user who pressed sees an error."""
        await acknowledge(interaction)
        hidden = await self.is_private(interaction)
        await self.speak(interaction, shared=not hidden)
        context = self.context(interaction)
        reply = await work(context)
        if isinstance(reply, SlateReply):
            await self.show(interaction, context, reply, hidden=hidden, below=True)
        else:
            await self._whisper(interaction, reply)

    async def _judged(self, interaction: Interaction, slate_id: int, position: int, payload: str) -> None:
        await acknowledge(interaction)
        reply = await press(self.context(interaction), payload)
        if not isinstance(reply, Marked):
            await self._whisper(interaction, reply)
            return
        presser = await self.music.communities.user(PLATFORM, str(interaction.user.id))
        # The card shows its owner's verdict.  Other users are told that theirs counts before the card is
        # redrawn: many may press at once.
        is_owner = presser == reply.slate.query.user_id
        if not is_owner:
            await self._whisper(interaction, reply)

        async def told() -> None:
            if is_owner:
                await self._whisper(interaction, reply)

        interaction.client.redraws.pressed(interaction, slate_id, position // SONGS, told)

    async def _whisper(self, interaction: Interaction, reply: Reply) -> None:
        scene = await self._scene(interaction, reply)
        await interaction.followup.send(view=card(page(reply, scene)), ephemeral=True)

    async def _replace(self, interaction: Interaction, reply: Reply) -> None:
        await edit(interaction, lambda s: page(reply, s), await self._scene(interaction, reply))

    async def turned(self, interaction: Interaction, found: re.Match[str]) -> None:
        """Turn to another page, or dismiss the question."""
        await acknowledge(interaction)
        await self.speak(interaction)
        if found["slate"]:
            context = self.context(interaction)
            slate_id = int(found["slate"])

            async def turn(_: Ask) -> Reply:
                interaction.client.redraws.pressed(interaction, slate_id, int(found["page"]), _nothing)
                return Notice("")

            problem = await on_list(context, slate_id, turn)
            if isinstance(problem, Problem):
                await self._whisper(interaction, problem)
        elif found["before"]:
            await self._older(interaction, int(found["before"]))
        else:
            await self._replace(interaction, Notice(say("Nothing changed.")))

    async def _older(self, interaction: Interaction, before: int) -> None:
        async def older(ask: Ask) -> Reply:
            return HistoryReply(tuple(await ask.music.diary.lines(ask.listener, 10, before)))

        reply = await perform(self.context(interaction), older)
        asked = interaction.message.interaction_metadata if interaction.message else None
        if asked is not None and asked.user.id != interaction.user.id:
            await self._whisper(interaction, reply)  # the history of the user who pressed
        else:
            await self._replace(interaction, reply)


def _illustrated(reply: Reply, scene: Scene) -> Page:
    return replace(page(reply, scene), pictures=scene.pictures)


async def _nothing() -> None:
    """Do nothing: no message is left to update."""
