"""How an interaction is answered: acknowledged at once, worked on, shown, and drawn again when it changes.

Discord waits 3 seconds for the first sign.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from weakref import WeakValueDictionary

import discord

from bot.adapters.discord.cards import card
from bot.adapters.discord.errors import Interaction, safely
from bot.adapters.discord.i18n import language_of
from bot.adapters.discord.people import PLATFORM, account, community
from bot.adapters.discord.render import page
from bot.adapters.discord.render.page import SONGS, Scene
from bot.adapters.discord.render.slate import heading, heading_of, slate_page
from bot.adapters.discord.sending import edit, send
from bot.commands import delivered, on_list, perform, press
from bot.context import Ask, Context
from bot.handlers.recommend import title as title_of
from bot.replies import Confirm, HistoryReply, Marked, Notice, Problem, Reply, SessionReply, SlateReply
from bot.replies.buttons import Agree, Feedback, OnSession, OnSong, Whole, Yes, parse
from bot.replies.i18n import say, speak, speaking
from recommender.service import MusicService
from recommender.types import Listener, ServedSlate

Work = Callable[[Context], Awaitable[Reply]]

_VERDICTS = ("like", "dislike", "skip")
_PRIVATE = "discord.private"


class Answers:
    """Everything between an interaction and `bot.commands`."""

    def __init__(self, music: MusicService) -> None:
        self.music = music
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._private: dict[int, bool] = {}  # what each person chose; a cache of their setting

    # --- who asks, where --------------------------------------------------------------------------------

    def context(self, interaction: Interaction) -> Context:
        """Return who asks and where; a server that the bot is no member of is no place of ours."""
        return Context(
            self.music,
            account(interaction.user),
            community(interaction.guild, interaction),
            f"{PLATFORM}:{interaction.id}",
            str(interaction.channel_id or ""),
            str(interaction.channel_id or ""),
        )

    async def language(self, interaction: Interaction, *, shared: bool = False) -> str:
        """Return the language of the interface; what many press (`shared`) speaks that of the server."""
        decided = await interaction.client.house.settings(interaction.guild)
        own = (shared and interaction.guild_locale) or interaction.locale
        return language_of(own, decided.language)

    async def speak(self, interaction: Interaction, *, shared: bool = False) -> None:
        """Speak to the person from here on, or to everybody of the server."""
        speak(await self.language(interaction, shared=shared))

    async def is_private(self, interaction: Interaction) -> bool:
        """Tell whether the person wants answers that only they see."""
        if interaction.guild_id is None:
            return False
        known = self._private.get(interaction.user.id)
        if known is None:
            user_id = await self.music.communities.user(PLATFORM, str(interaction.user.id))
            wish = None if user_id is None else await self.music.communities.wish(user_id, _PRIVATE)
            known = self._private[interaction.user.id] = wish == "1"
        return known

    async def choose(self, interaction: Interaction, *, private: bool) -> None:
        """Keep whether the person wants private answers."""
        context = self.context(interaction)
        listener = await self.music.arrive(context.account, context.community)
        await self.music.communities.set_wish(listener.user_id, _PRIVATE, str(int(private)))
        self._private[interaction.user.id] = private

    # --- commands ---------------------------------------------------------------------------------------

    async def answer(self, interaction: Interaction, work: Work, *, private: bool | None = None) -> None:
        """Acknowledge, do the work, show what came of it; None for `private` asks the person's choice."""
        await safely(interaction, self._answer(interaction, work, private=private))

    async def _answer(self, interaction: Interaction, work: Work, *, private: bool | None) -> None:
        hidden = await self.is_private(interaction) if private is None else private
        await interaction.response.defer(ephemeral=hidden, thinking=True)
        await self.speak(interaction, shared=not hidden)
        context = self.context(interaction)
        await self.show(interaction, context, await work(context), hidden=hidden)

    async def show(
        self, interaction: Interaction, context: Context, reply: Reply, *, hidden: bool = False
    ) -> None:
        """Put the reply where "is thinking" stands, and remember a list as seen."""
        scene = await self._scene(interaction, reply)
        if isinstance(reply, Confirm) and not hidden and interaction.guild_id is not None:
            # What is asked of one person, others neither read nor answer.
            aside = Notice(say("I have sent it to you, between the two of us."))
            await send(interaction, lambda s: page(aside, s), scene, hidden=hidden)
            await self._whisper(interaction, reply)
            return
        if isinstance(reply, SessionReply):
            await interaction.client.sessions.answer(interaction, reply, scene, hidden=hidden)
            return
        message = await send(interaction, lambda s: page(reply, s), scene, hidden=hidden)
        if isinstance(reply, SlateReply) and message is not None:
            if not hidden:  # everybody in the channel may press its buttons
                place, number = str(message.channel.id), str(message.id)
                await self.music.cards.keep(PLATFORM, place, number, reply.slate.id)
            await delivered(context, reply)

    async def _scene(self, interaction: Interaction, reply: Reply) -> Scene:
        scene = Scene()
        if isinstance(reply, SlateReply):
            songs = tuple(pick.song for pick in reply.slate.picks)
            size = (await interaction.client.house.settings(interaction.guild)).size
            return replace(scene, links=await self.music.communities.links(songs), size=size)
        return scene

    # --- buttons ----------------------------------------------------------------------------------------

    async def pressed(self, interaction: Interaction, payload: str) -> None:
        """Do what a button says."""
        await self.speak(interaction)
        meaning = parse(payload)
        work = partial(press, payload=payload)
        match meaning:
            case Feedback(slate_id, position, verb) if verb in _VERDICTS:
                await self._judged(interaction, slate_id, position, payload)
            case OnSong() | OnSession(verb="join" | "leave" | "next"):
                await interaction.response.defer()
                reply = await work(self.context(interaction))
                if isinstance(reply, SessionReply):
                    await interaction.client.sessions.pressed(interaction, reply)
                else:
                    await self._whisper(interaction, reply)
            case Agree():
                await interaction.response.defer()
                reply = await work(self.context(interaction))
                show = self._whisper if isinstance(reply, Problem) else self._replace
                await show(interaction, reply)
            case Yes():
                await interaction.response.defer()
                reply = await work(self.context(interaction))
                interaction.client.listening.dismiss(interaction.user.id)
                self._private.pop(interaction.user.id, None)
                await self._replace(interaction, reply)
            case Feedback(_, _, "more") | Whole(_, "more"):
                await self.answer(interaction, work)
            case _:
                await self.answer(interaction, work, private=interaction.guild_id is not None)

    async def _judged(self, interaction: Interaction, slate_id: int, position: int, payload: str) -> None:
        await interaction.response.defer()
        reply = await press(self.context(interaction), payload)
        if not isinstance(reply, Marked):
            await self._whisper(interaction, reply)
            return
        shown = await self.redraw(interaction, slate_id, position // SONGS)
        presser = await self.music.communities.user(PLATFORM, str(interaction.user.id))
        # The card shows its owner's verdict; whoever else pressed is told that theirs was counted.
        if not shown or presser != reply.slate.query.user_id:
            await self._whisper(interaction, reply)

    async def _whisper(self, interaction: Interaction, reply: Reply) -> None:
        scene = await self._scene(interaction, reply)
        await interaction.followup.send(view=card(page(reply, scene)), ephemeral=True)

    async def redraw(self, interaction: Interaction, slate_id: int, number: int) -> bool:
        """Draw the message again as things stand; one at a time, so that the last drawn is the last true."""
        message = interaction.message
        if message is None:
            return False
        lock = self._locks.setdefault(message.id, asyncio.Lock())
        async with lock:
            with speaking(await self.language(interaction, shared=True)):
                return await self._draw(interaction, message, slate_id, number)

    async def _draw(
        self, interaction: Interaction, message: discord.Message, slate_id: int, number: int
    ) -> bool:
        slate, scene = await self._as_it_stands(interaction, slate_id, number)
        head = heading_of(message, is_paged=len(slate.picks) > SONGS)
        head = head or heading(title_of(slate), "")
        try:
            await edit(interaction, lambda s: slate_page(slate, head, s), scene)
        except discord.NotFound:
            return False  # the message has been deleted meanwhile; what was said is kept
        return True

    async def _as_it_stands(
        self, interaction: Interaction, slate_id: int, number: int
    ) -> tuple[ServedSlate, Scene]:
        here = community(interaction.guild, interaction)
        place = None if here is None else await interaction.client.house.place(here)
        slate = await self.music.slate(Listener(0, None, PLATFORM), slate_id)
        slate = await self.music.slate(Listener(slate.query.user_id, place, PLATFORM), slate_id)
        links = await self.music.communities.links(tuple(pick.song for pick in slate.picks))
        votes = await self.music.communities.votes(slate_id)
        size = (await interaction.client.house.settings(interaction.guild)).size
        return slate, Scene(links, votes, number, size)

    async def _replace(self, interaction: Interaction, reply: Reply) -> None:
        await edit(interaction, lambda s: page(reply, s), await self._scene(interaction, reply))

    async def turned(self, interaction: Interaction, found: re.Match[str]) -> None:
        """Turn to another page, or leave things as they are."""
        await interaction.response.defer()
        await self.speak(interaction)
        if found["slate"]:
            context = self.context(interaction)
            slate_id = int(found["slate"])
            turn = partial(self._turn, interaction, slate_id, int(found["page"]))
            problem = await on_list(context, slate_id, turn)
            if isinstance(problem, Problem):
                await self._whisper(interaction, problem)
        elif found["before"]:
            await self._older(interaction, int(found["before"]))
        else:
            await self._replace(interaction, Notice(say("Left as it is.")))

    async def _turn(self, interaction: Interaction, slate_id: int, number: int, _: Ask) -> Reply:
        await self.redraw(interaction, slate_id, number)
        return Notice("")

    async def _older(self, interaction: Interaction, before: int) -> None:
        async def older(ask: Ask) -> Reply:
            return HistoryReply(tuple(await ask.music.history(ask.listener, 10, before)))

        reply = await perform(self.context(interaction), older)
        asked = interaction.message.interaction_metadata if interaction.message else None
        if asked is not None and asked.user.id != interaction.user.id:
            await self._whisper(interaction, reply)  # their own history, not that of whoever asked
        else:
            await self._replace(interaction, reply)
