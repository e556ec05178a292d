# ruff: noqa: N802 - the methods are named as in the Bot API
"""A Telegram of our own on the loopback: the Bot API as bots see it, and the people who talk to them.

Every request is judged by the machine-readable description of the API, and so is everything sent in answer.
What that file does not say is checked beside it: HTML, lengths, `allowed_updates`, one answer to each press.
"""

import asyncio
import itertools
import json
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, web
from botapi_markup import read, units
from botapi_spec import Spec, Upload

TOKEN = "123456:AAE-loopback-token"  # noqa: S105 - opens nothing
BOT = {"id": 123456, "is_bot": True, "first_name": "Segue", "username": "segue_test_bot"}
ME = {
    **BOT,
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": True,
}
_DEFAULT_UPDATES = ("message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member")


CUT = 0
"""The code of a refusal that is no answer: the connection breaks."""


class Refused(Exception):
    """Telegram says no."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Person:
    """Somebody with a phone, in a private chat with the bot or in groups."""

    api: "BotApi"
    id: int
    name: str
    language: str = "en"
    username: str = ""

    @property
    def user(self) -> dict[str, Any]:
        known = {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}
        return {**known, "username": self.username} if self.username else known

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.name}

    async def say(self, text: str, chat: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Send a message; it is delivered to the bot."""
        where = chat or self.chat
        extra: dict[str, Any] = {}
        if text.startswith("/"):
            length = units(text.split(maxsplit=1)[0])
            extra["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        message = self.api.store(where, {"from": self.user, "text": text, **extra, **more})
        await self.api.deliver({"message": message})
        return message

    async def ask(self, text: str, chat: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Send a message and return the bot's next one in that chat."""
        where = chat or self.chat
        before = len(self.api.sent[where["id"]])
        await self.say(text, chat, **more)
        return await self.api.next_sent(where["id"], before)

    async def press(self, message: dict[str, Any], label: str) -> dict[str, Any]:
        """Press the button whose label or payload begins so; return the bot's answer to the press."""
        keys = [key for row in message["reply_markup"]["inline_keyboard"] for key in row]
        found = next(
            k for k in keys if k["text"].startswith(label) or k.get("callback_data", "").startswith(label)
        )
        return await self.press_payload(found["callback_data"], message)

    async def press_payload(self, payload: str, message: dict[str, Any] | None = None, **more: Any) -> Any:
        query_id = str(next(self.api.numbers))
        query = {
            "id": query_id,
            "from": self.user,
            "chat_instance": "1",
            "data": payload,
            **more,
        }
        if message is not None:
            query["message"] = message
        self.api.queries[query_id] = asyncio.get_running_loop().create_future()
        await self.api.deliver({"callback_query": query})
        return await asyncio.wait_for(asyncio.shield(self.api.queries[query_id]), 15)

    async def search(self, text: str, offset: str = "") -> dict[str, Any]:
        """Type after the bot's name in any chat; return what it offers."""
        query_id = str(next(self.api.numbers))
        self.api.queries[query_id] = asyncio.get_running_loop().create_future()
        query = {"id": query_id, "from": self.user, "query": text, "offset": offset, "chat_type": "private"}
        await self.api.deliver({"inline_query": query})
        return await asyncio.wait_for(asyncio.shield(self.api.queries[query_id]), 15)


@dataclass
class BotApi:
    """The server; `violations` holds what the bot did that Telegram would not accept."""

    spec: Spec
    violations: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sent: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    queries: dict[str, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)
    menus: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    members: dict[tuple[int, int], str] = field(default_factory=dict)
    usernames: dict[int, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    sounds: set[str] = field(default_factory=set)  # addresses that can be fetched
    uploads: dict[str, bytes] = field(default_factory=dict)  # pictures of albums, by their address
    refusals: dict[str, deque[Refused]] = field(default_factory=lambda: defaultdict(deque))
    blocked: set[int] = field(default_factory=set)
    migrated: dict[int, int] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    pending: list[dict[str, Any]] = field(default_factory=list)
    allowed: tuple[str, ...] = _DEFAULT_UPDATES

    def __post_init__(self) -> None:
        self.numbers = itertools.count(1000)
        self.people = itertools.count(1)
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._session: ClientSession | None = None

    # --- the server ---------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        app = web.Application(client_max_size=60 << 20)
        app.router.add_post("/bot{token}/{method}", self._called)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._session = ClientSession()

    async def stop(self) -> None:
        """Be gone, as a network is."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._session is not None:
            await self._session.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/file/bot"

    async def _called(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _no(Refused(401, "Unauthorized"))
        parameters = await _parameters(request)
        for name in [name for name in parameters if name.startswith("attached")]:  # parts of an album
            self.uploads[f"attach://{name}"] = bytes(parameters.pop(name))
        values, wrong = self.spec.call(method, parameters)
        self.calls[method] += 1
        self.requests.append((method, values))
        if self.refusals[method]:
            refused = self.refusals[method].popleft()
            if refused.code == CUT and request.transport is not None:
                request.transport.abort()
            return _no(refused)
        try:
            _refuse(wrong)
            self._check_moved(values.get("chat_id"))
            result = await getattr(self, f"_{method}")(values)
        except Refused as refused:
            if refused.code == 400 and "not modified" not in refused.description and not refused.parameters:
                self.violations.append(f"{method}: {refused.description}")
            return _no(refused)
        judged = self.spec.check(self.spec.methods[method]["returns"], result, f"answer to {method}")
        self.violations += judged
        async with self._changed:
            self._changed.notify_all()
        return web.json_response({"ok": True, "result": result})

    def _check_moved(self, chat_id: int | None) -> None:
        if chat_id in self.migrated:
            moved = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, moved, migrate_to_chat_id=self.migrated[chat_id])

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return web.Response(status=404)
        return web.Response(body=self.files[request.match_info["path"]])

    # --- people -------------------------------------------------------------------------------------------

    def person(self, number: int, name: str, language: str = "en") -> Person:
        return Person(self, number, name, language)

    def store(self, chat: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
        number = len([1 for where, _ in self.messages if where == chat["id"]]) + 1
        stored = {"message_id": number, "date": int(time.time()), "chat": chat, **message}
        self.messages[(chat["id"], number)] = stored
        return stored

    async def deliver(self, what: dict[str, Any], *, update_id: int | None = None) -> int:
        """Hand an update to the bot, if it asked for such; return its number."""
        (kind,) = what
        number = next(self.numbers) if update_id is None else update_id
        if kind not in self.allowed:
            return number
        update = {"update_id": number, **what}
        problems = self.spec.check(["Update"], update, "update")
        assert not problems, problems
        if self.webhook:
            await self.call_webhook(update)
            return number
        async with self._changed:
            self.pending.append(update)
            self._changed.notify_all()
        return number

    async def call_webhook(self, update: dict[str, Any], secret: str | None = None) -> int:
        """Call the bot as Telegram does; return the status."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret or self.webhook.get("secret_token", "")}
        assert self._session is not None
        for _ in range(50):  # Telegram too tries again
            try:
                async with self._session.post(self.webhook["url"], json=update, headers=headers) as response:
                    return response.status
            except ClientConnectionError:
                await asyncio.sleep(0.1)
        return 0

    async def next_sent(self, chat_id: int, before: int, seconds: float = 15.0) -> dict[str, Any]:
        """Return the bot's message number `before` (from 0) in a chat, once it is there."""
        await self.until(lambda: len(self.sent[chat_id]) > before, seconds)
        return self.sent[chat_id][before]

    async def until(self, is_so: Any, seconds: float = 15.0) -> None:
        """Wait until something is so; every request may make it so."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(is_so)

    # --- methods ------------------------------------------------------------------------------------------

    async def _getMe(self, _: Any) -> Any:
        return ME

    async def _deleteWebhook(self, values: Any) -> bool:
        self.webhook = {}
        if values.get("drop_pending_updates"):
            self.pending.clear()
        return True

    async def _setWebhook(self, values: Any) -> bool:
        self.webhook = values
        self.allowed = tuple(values.get("allowed_updates") or _DEFAULT_UPDATES)
        waiting, self.pending = self.pending, []
        for update in waiting:
            asyncio.get_running_loop().create_task(self.call_webhook(update))
        return True

    async def _getUpdates(self, values: Any) -> Any:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if "allowed_updates" in values:
            self.allowed = tuple(values["allowed_updates"]) or _DEFAULT_UPDATES
        offset = values.get("offset", 0)
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        try:
            async with asyncio.timeout(values.get("timeout", 0) or 0.01), self._changed:
                await self._changed.wait_for(lambda: self.pending)
        except TimeoutError:
            return []
        return self.pending[: values.get("limit", 100)]

    async def _setMyCommands(self, values: Any) -> bool:
        for command in values["commands"]:
            if not 1 <= len(command["command"]) <= 32 or not 1 <= len(command["description"]) <= 256:
                raise Refused(400, f"Bad Request: {command} is too long or too short")
        scope = values.get("scope", {"type": "default"})["type"]
        self.menus[(scope, values.get("language_code", ""))] = values["commands"]
        return True

    async def _sendMessage(self, values: Any) -> Any:
        text, entities = _written(values["text"], values.get("parse_mode"), 4096)
        return self._sent(values, {"text": text, **({"entities": entities} if entities else {})})

    async def _sendDocument(self, values: Any) -> Any:
        text, entities = _written(values.get("caption", " x"), values.get("parse_mode"), 1024)
        upload = values["document"]
        file_id = f"file-{next(self.numbers)}"
        self.files[file_id] = bytes(upload)
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": upload.name}
        more = {"document": document, "caption": text, **({"caption_entities": entities} if entities else {})}
        return self._sent(values, more)

    async def _sendAudio(self, values: Any) -> Any:
        """Fetch a sound by its address, as Telegram does; one that is not there is refused."""
        text, entities = _written(values.get("caption", " x"), values.get("parse_mode"), 1024)
        if values["audio"] not in self.sounds:
            raise Refused(400, "Bad Request: failed to get HTTP URL content")
        audio = {name: values[name] for name in ("performer", "title") if name in values}
        audio |= {"file_id": values["audio"], "file_unique_id": "sound", "duration": 30}
        more = {"audio": audio, "caption": text, **({"caption_entities": entities} if entities else {})}
        return self._sent(values, more)

    async def _sendPhoto(self, values: Any) -> Any:
        return self._sent(values, self._photo(values, values["photo"]))

    async def _sendMediaGroup(self, values: Any) -> Any:
        if not 2 <= len(values["media"]) <= 10:
            raise Refused(400, "Bad Request: an album has 2 to 10 items")
        group = str(next(self.numbers))
        return [
            self._sent(values, {**self._photo(one, self.uploads[one["media"]]), "media_group_id": group})
            for one in values["media"]
        ]

    def _photo(self, values: Any, upload: bytes) -> dict[str, Any]:
        """Return the content of a message with a picture, which is one: its size is read from it."""
        if upload[:8] != b"\x89PNG\r\n\x1a\n" or len(upload) > 10_000_000:
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        width, height = (int.from_bytes(upload[at : at + 4]) for at in (16, 20))
        if width + height > 10_000 or max(width / height, height / width) > 20:
            raise Refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        file_id = f"file-{next(self.numbers)}"
        self.files[file_id] = bytes(upload)
        size = {"file_id": file_id, "file_unique_id": file_id, "width": width, "height": height}
        text, entities = _written(values.get("caption", ""), values.get("parse_mode"), 1024)
        told = {"caption": text, **({"caption_entities": entities} if entities else {})} if text else {}
        return {"photo": [size], **told}

    async def _editMessageText(self, values: Any) -> Any:
        text, entities = _written(values["text"], values.get("parse_mode"), 4096)
        if "inline_message_id" in values:
            _check_keyboard(values)
            return True
        message = self.messages.get((values["chat_id"], values["message_id"]))
        if message is None or "text" not in message:
            raise Refused(400, "Bad Request: message to edit not found")
        changed = {"text": text, "entities": entities, "reply_markup": values.get("reply_markup")}
        if changed == {k: message.get(k, [] if k == "entities" else None) for k in changed}:
            raise Refused(400, "Bad Request: message is not modified: specified new message content")
        _check_keyboard(values)
        for name, value in changed.items():
            message.pop(name, None)
            if value:
                message[name] = value
        message["edit_date"] = int(time.time())
        return message

    async def _answerCallbackQuery(self, values: Any) -> bool:
        if units(values.get("text", "")) > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        return self._answer(values["callback_query_id"], values)

    async def _answerInlineQuery(self, values: Any) -> bool:
        results = values["results"]
        names = [result["id"] for result in results]
        if len(results) > 50 or len(set(names)) != len(names) or any(len(n.encode()) > 64 for n in names):
            raise Refused(400, "Bad Request: RESULT_ID_INVALID or too many results")
        for result in results:
            content = result["input_message_content"]
            _written(content["message_text"], content.get("parse_mode"), 4096)
            _check_keyboard(result)
        return self._answer(values["inline_query_id"], values)

    async def _getChatMember(self, values: Any) -> Any:
        status = self.members.get((values["chat_id"], values["user_id"]), "member")
        user = {"id": values["user_id"], "is_bot": values["user_id"] == BOT["id"], "first_name": "x"}
        if name := self.usernames.get(values["user_id"]):
            user["username"] = name
        if status == "creator":
            return {"status": status, "user": user, "is_anonymous": False}
        if status == "administrator":
            rights = (
                "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats"
                " can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories"
                " can_edit_stories can_delete_stories"
            )
            return {"status": status, "user": user, **dict.fromkeys(rights.split(), False)}
        return {"status": "member", "user": user}

    async def _getChatAdministrators(self, values: Any) -> Any:
        return [
            await self._getChatMember({"chat_id": chat, "user_id": user})
            for (chat, user), status in self.members.items()
            if chat == values["chat_id"] and status in ("creator", "administrator")
        ]

    async def _getFile(self, values: Any) -> Any:
        content = self.files.get(values["file_id"])
        if content is None or len(content) > 20 << 20:
            raise Refused(400, "Bad Request: file is too big")
        name = values["file_id"]
        return {"file_id": name, "file_unique_id": name, "file_size": len(content), "file_path": name}

    async def _sendChatAction(self, _: Any) -> bool:
        return True

    # --- what they share ----------------------------------------------------------------------------------

    def _sent(self, values: Any, content: dict[str, Any]) -> Any:
        chat_id = values["chat_id"]
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        _check_keyboard(values)
        known = next((m["chat"] for (where, _), m in self.messages.items() if where == chat_id), None)
        if known is None:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        more: dict[str, Any] = {}
        if "message_thread_id" in values:
            more = {"message_thread_id": values["message_thread_id"], "is_topic_message": True}
        if "reply_markup" in values:
            more["reply_markup"] = values["reply_markup"]
        answered = values.get("reply_parameters", {}).get("message_id")
        if (chat_id, answered) in self.messages:
            original = {
                k: v for k, v in self.messages[(chat_id, answered)].items() if k != "reply_to_message"
            }
            more["reply_to_message"] = original
        message = self.store(known, {"from": BOT, **content, **more})
        self.sent[chat_id].append(message)
        return message

    def _answer(self, query_id: str, values: Any) -> bool:
        self.answered[query_id] += 1
        if query_id not in self.queries:
            raise Refused(400, "Bad Request: query is too old or query ID is invalid")
        if self.answered[query_id] > 1:
            raise Refused(400, f"Bad Request: query is too old: {query_id} was answered before")
        self.queries[query_id].set_result(values)
        return True

    def document(self, name: str, content: bytes) -> dict[str, Any]:
        """Return a file as somebody sends it."""
        file_id = f"file-{next(self.numbers)}"
        self.files[file_id] = content
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_name": name,
            "file_size": len(content),
        }


async def _parameters(request: web.Request) -> dict[str, str | Upload]:
    if request.content_type == "application/json":
        data = await request.json()
        return {n: v if isinstance(v, str) else json.dumps(v) for n, v in data.items()}
    found: dict[str, str | Upload] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found[name] = Upload(value.file.read())
            found[name].name = value.filename
        else:
            found[name] = str(value)
    return found


def _written(text: str, parse_mode: str | None, longest: int) -> tuple[str, list[dict[str, Any]]]:
    try:
        shown, entities = read(text) if parse_mode == "HTML" else (text, [])
    except ValueError as error:
        raise Refused(400, f"Bad Request: {error}") from error
    if units(shown) > longest:
        raise Refused(400, "Bad Request: message is too long")
    return shown, entities


def _check_keyboard(values: Any) -> None:
    rows = values.get("reply_markup", {}).get("inline_keyboard", [])
    keys = [key for row in rows for key in row]
    if len(keys) > 100 or any(len(row) > 8 for row in rows):
        raise Refused(400, "Bad Request: too many buttons")
    for key in keys:
        kinds = key.keys() - {"text", "style", "icon_custom_emoji_id"}
        if len(kinds) != 1 or not key["text"].strip():
            raise Refused(400, f"Bad Request: a button needs a text and exactly one act: {key}")
        if "callback_data" in key and not 1 <= len(key["callback_data"].encode()) <= 64:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise Refused(400, f"Bad Request: {'; '.join(wrong)}")


def _no(refused: Refused) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.code)
