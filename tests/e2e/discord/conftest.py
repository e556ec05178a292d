"""A Discord on loopback that speaks REST v10 and the gateway, and the bot as a process of its own.

Every request is validated against Discord's own OpenAPI description; a request that breaks it fails the test.
"""

import asyncio
import itertools
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPEC = Path(__file__).resolve().parents[3].parent / "shared" / "specs" / "discord-openapi.json"
TOKEN = "MTA1NjA3NDQ0Mzk4MDgwMDAwMA.GtEsTs.e2e-e2e-e2e-e2e-e2e-e2e-e2e-e2e"  # noqa: S105 - opens nothing
BOT, APP, GUILD, CHANNEL, ANN = "1056074443980800000", "1056074443980800000", "200", "300", "400"
JSON = "application/json"


class Spec:
    """Discord's HTTP API, as Discord describes it."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        self._registry = Registry().with_resource("spec:", Resource(data, DRAFT202012))
        self._paths = [
            (re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))), template, methods)
            for template, methods in data["paths"].items()
        ]
        # The more literal a template, the earlier it is tried: /users/@me before /users/{user_id}.
        self._paths.sort(key=lambda entry: entry[1].count("{"))
        self._validators: dict[str, Draft202012Validator] = {}

    def complaint(self, method: str, path: str, body) -> str | None:
        """Return what is wrong with a request, None if nothing is."""
        for pattern, template, methods in self._paths:
            if pattern.fullmatch(path) and method.lower() in methods:
                return self._check(template, method.lower(), methods[method.lower()], body)
        return f"there is no {method} {path}"

    def _check(self, template: str, method: str, operation: dict, body) -> str | None:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return None
        kind = JSON if JSON in content else next(iter(content))
        pointer = "/".join(
            quote(part.replace("~", "~0").replace("/", "~1"), safe="~")
            for part in ("paths", template, method, "requestBody", "content", kind, "schema")
        )
        if pointer not in self._validators:
            schema = {"$ref": f"spec:#/{pointer}"}
            self._validators[pointer] = Draft202012Validator(schema, registry=self._registry)
        if isinstance(body, dict):
            # The one thing discord.py does otherwise: a new file's number is a number, and Discord takes it.
            for file in body.get("attachments") or []:
                file["id"] = str(file["id"])
        errors = [
            f"{error.json_path}: {error.message[:300]}"
            for error in self._validators[pointer].iter_errors(body)
        ]
        return f"{method} {template}: {errors[0]}" if errors else None


class Discord:
    """One server with one channel, and whoever presses what the test says."""

    def __init__(self, spec: Spec | None, guilds: tuple[str, ...] = (GUILD,)) -> None:
        self._spec = spec
        self.guilds = guilds
        self.shards = 1
        self._ids = itertools.count(10_000)
        self.requests: list[tuple[str, str, object]] = []
        self.complaints: list[str] = []
        self.messages: dict[str, dict] = {}
        self.files: list[bytes] = []
        self._answers: dict[str, asyncio.Future] = {}
        self._sockets: dict[int, web.WebSocketResponse] = {}  # by shard
        self._sequence = 0
        self.ready = asyncio.Event()  # every shard is
        self.resumed = asyncio.Event()
        self.identified: list[dict] = []
        self.refuse_token = self.refuse_intents = False
        self.limit_next = 0
        self.latency = 0.0  # seconds that each answer takes
        self.lose_receipts = 0  # of how many acknowledgements the receipt is lost on the way
        self._acknowledged: set[str] = set()
        self.url = self.gateway = ""

    async def __aenter__(self):
        app = web.Application(client_max_size=1 << 24)
        app.router.add_get("/gateway", self._serve_gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url, self.gateway = f"http://127.0.0.1:{port}/api/v10", f"ws://127.0.0.1:{port}/gateway"
        return self

    async def __aexit__(self, *_):
        for socket in list(self._sockets.values()):
            await socket.close()
        await self._runner.cleanup()

    # --- REST

    async def _serve(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        body = await self._body(request)
        self.requests.append((request.method, path, body))
        if self._spec is not None and (wrong := self._spec.complaint(request.method, path, body)):
            self.complaints.append(wrong)
        if self.refuse_token:
            return self._json({"message": "401: Unauthorized", "code": 0}, 401)
        if self.limit_next and request.method == "PATCH":
            self.limit_next -= 1
            limited = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
            return self._json(limited, 429, {"Via": "1.1 google", "Retry-After": "1"})
        await asyncio.sleep(self.latency)
        if request.method == "POST" and path.endswith("/callback"):
            if path in self._acknowledged:
                refused = {"message": "Interaction has already been acknowledged.", "code": 40060}
                return self._json(refused, 400)
            self._acknowledged.add(path)
            if self.lose_receipts:
                self.lose_receipts -= 1
                self._respond(request.method, path, body)
                request.transport.abort()
        return self._json(self._respond(request.method, path, body))

    async def _body(self, request: web.Request):
        if request.content_type == "multipart/form-data":
            form = await request.post()
            self.files += [part.file.read() for part in form.values() if hasattr(part, "file")]
            return json.loads(form["payload_json"]) if "payload_json" in form else {}
        return await request.json() if request.can_read_body else None

    @staticmethod
    def _json(data, status: int = 200, headers=None) -> web.Response:
        # discord.py reads a body as JSON only where the type is exactly this, without a charset.
        raw = json.dumps(data).encode()
        return web.Response(body=raw, status=status, headers={"Content-Type": JSON, **(headers or {})})

    def _respond(self, method: str, path: str, body):  # noqa: PLR0911 - one line per address
        match method, path.strip("/").split("/"):
            case "GET", ["users", "@me"]:
                return self._user(BOT, "segue", bot=True)
            case "GET", ["oauth2", "applications", "@me"]:
                return self._app()
            case "GET", ["gateway", "bot"]:
                start = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
                return {"url": self.gateway, "shards": self.shards, "session_start_limit": start}
            case "PUT", ["applications", _, *_, "commands"]:
                return [self._registered(command) for command in body]
            case "POST", ["interactions", number, token, "callback"]:
                return self._called_back(number, token, body)
            case (("PATCH" | "POST"), ["webhooks", _, token, *_]):
                return self._answered(token, body)
            case "POST", ["channels", _, "messages"]:
                return self._message(next(self._ids), body)
        return {}

    def _registered(self, command: dict) -> dict:
        defaults = {"type": 1, "description": "", "options": [], "contexts": None, "version": "1"}
        return {"id": str(next(self._ids)), "application_id": APP, **defaults, **command}

    def _called_back(self, number: str, token: str, body: dict) -> dict:
        message = None
        if body["type"] in (4, 5):
            message = self._message(next(self._ids), body.get("data") or {})
            self.messages[token] = message
        if body["type"] not in (5, 6) and token in self._answers:
            self._answers.pop(token).set_result(body.get("data"))
        callback = {"id": number, "type": 2, "response_message_id": message["id"] if message else None}
        return {"interaction": callback, "resource": {"type": body["type"], "message": message}}

    def _answered(self, token: str, body: dict) -> dict:
        known = self.messages.get(token)
        message = self._message(known["id"] if known else next(self._ids), body)
        self.messages[token] = message
        if token in self._answers:
            self._answers.pop(token).set_result(message)
        return message

    def _message(self, number, body: dict) -> dict:
        return {
            "id": str(number),
            "type": 0,
            "channel_id": CHANNEL,
            "author": self._user(BOT, "segue", bot=True),
            "content": body.get("content") or "",
            "timestamp": "2026-01-01T00:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "pinned": False,
            "components": body.get("components") or [],
            "flags": (body.get("flags") or 0) | (1 << 15 if "components" in body else 0),
        }

    @staticmethod
    def _user(number: str, name: str, *, bot: bool = False) -> dict:
        return {
            "id": number,
            "username": name,
            "discriminator": "0",
            "global_name": name.title(),
            "avatar": None,
            "bot": bot,
        }

    def _app(self) -> dict:
        return {
            "id": APP,
            "name": "Segue",
            "icon": None,
            "description": "",
            "rpc_origins": [],
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "00",
            "flags": 0,
            "owner": self._user("1", "root"),
            "team": None,
        }

    # --- gateway

    async def _serve_gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            await self._heard(socket, json.loads(frame.data))
        return socket

    async def _heard(self, socket: web.WebSocketResponse, message: dict) -> None:
        match message["op"]:
            case 1:
                await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
            case 2:
                self.identified.append(message["d"])
                if self.refuse_intents:
                    await socket.close(code=4014)
                else:
                    shard = message["d"].get("shard", [0, 1])[0]
                    self._sockets[shard] = socket
                    await self._greet(shard)
            case 6:
                shard = int(message["d"]["session_id"].removeprefix("s"))
                self._sockets[shard] = socket
                await self._send(shard, "RESUMED", {})
                self.resumed.set()

    async def _greet(self, shard: int) -> None:
        guilds = [guild for guild in self.guilds if self._shard(guild) == shard]
        await self._send(
            shard,
            "READY",
            {
                "v": 10,
                "user": self._user(BOT, "segue", bot=True),
                "guilds": [{"id": guild, "unavailable": True} for guild in guilds],
                "session_id": f"s{shard}",
                "resume_gateway_url": self.gateway,
                "shard": [shard, self.shards],
                "application": {"id": APP, "flags": 0},
            },
        )
        for guild in guilds:
            await self._send(shard, "GUILD_CREATE", self._guild(guild))
        if len(self._sockets) == self.shards:
            self.ready.set()

    def _shard(self, guild: str) -> int:
        return (int(guild) >> 22) % self.shards

    @staticmethod
    def _guild(number: str) -> dict:
        everyone = {
            "id": number,
            "name": "@everyone",
            "color": 0,
            "hoist": False,
            "position": 0,
            "permissions": "0",
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        return {
            "id": number,
            "name": "Cave",
            "owner_id": "1",
            "roles": [everyone],
            "emojis": [],
            "stickers": [],
            "features": [],
            "members": [],
            "member_count": 2,
            "voice_states": [],
            "presences": [],
            "threads": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "large": False,
            "unavailable": False,
            "premium_tier": 0,
            "verification_level": 0,
            "afk_timeout": 300,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "system_channel_flags": 0,
            "preferred_locale": "en-US",
            "premium_progress_bar_enabled": False,
            "channels": [
                {
                    "id": CHANNEL,
                    "type": 0,
                    "name": "music",
                    "position": 0,
                    "permission_overwrites": [],
                    "guild_id": number,
                }
            ],
        }

    async def send(self, event: str, data: dict) -> None:
        """Send an event through the gateway, to the shard that its server is on."""
        await self._send(self._shard(data.get("guild_id") or "0"), event, data)

    async def _send(self, shard: int, event: str, data: dict) -> None:
        self._sequence += 1
        await self._sockets[shard].send_json({"op": 0, "t": event, "s": self._sequence, "d": data})

    async def drop(self, shard: int = 0) -> None:
        """Cut a shard's connection to the gateway, as a network does."""
        await self._sockets.pop(shard).close(code=4000)

    # --- people

    def interaction(self, kind: int, data: dict, user: str = ANN, **more) -> dict:
        """Return an interaction of Ann's, or of another user's."""
        number = str(next(self._ids))
        member = {
            "user": self._user(user, f"user{user}"),
            "roles": [],
            "permissions": str(1 << 11),
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
        }
        return {
            "id": number,
            "application_id": APP,
            "type": kind,
            "token": f"token-{number}",
            "version": 1,
            "guild_id": GUILD,
            "channel_id": CHANNEL,
            "member": member,
            "locale": "en-US",
            "guild_locale": "en-US",
            "app_permissions": str((1 << 53) - 1),
            "entitlements": [],
            "authorizing_integration_owners": {"0": GUILD},
            "context": 0,
            "attachment_size_limit": 1 << 20,
            "channel": {
                "id": CHANNEL,
                "type": 0,
                "name": "music",
                "guild_id": GUILD,
                "position": 0,
                "permissions": "0",
            },
            "data": data,
            **more,
        }

    async def asked(self, interaction: dict, seconds: float = 30.0):
        """Send an interaction and return what the bot made of it."""
        answer = asyncio.get_running_loop().create_future()
        self._answers[interaction["token"]] = answer
        await self.send("INTERACTION_CREATE", interaction)
        return await asyncio.wait_for(answer, seconds)

    async def slash(self, name: str, user: str = ANN, **options):
        """Type a slash command."""
        kinds = {str: 3, int: 4}
        given = [{"name": k, "type": kinds[type(v)], "value": v} for k, v in options.items()]
        data = {"id": "1", "name": name, "type": 1, "options": given}
        return await self.asked(self.interaction(2, data, user))

    async def complete(self, name: str, option: str, text: str):
        """Type into an option."""
        given = [{"name": option, "type": 3, "value": text, "focused": True}]
        data = {"id": "1", "name": name, "type": 1, "options": given}
        return await self.asked(self.interaction(4, data))

    async def press(self, message: dict, custom_id: str, user: str = ANN):
        """Press a button."""
        data = {"custom_id": custom_id, "component_type": 2}
        press = self.interaction(3, data, user, message=message)
        self.messages[press["token"]] = message
        return await self.asked(press)


@pytest.fixture(scope="session")
def spec() -> Spec:
    if not SPEC.is_file():
        pytest.skip(f"needs Discord's OpenAPI file in {SPEC.parent}, which is not part of the project")
    return Spec(SPEC)


@pytest.fixture
async def discord(spec):
    async with Discord(spec) as server:
        yield server
    assert server.complaints == []


def environment(server: Discord, folder: Path, **settings: str) -> dict[str, str]:
    """Return the settings that point an unmodified process at the test's server."""
    return {
        **os.environ,
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_BASE": server.url,
        "DISCORD_GATEWAY_URL": server.gateway,
        "SEGUE_LOG": str(folder / "segue.log"),
        "SEGUE_SEED": "7",
        "LISTENBRAINZ_DAILY": "0",
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        "TELEGRAM_TOKEN": "",
        **settings,
    }


@pytest.fixture
async def start(discord, tmp_path):
    """Start `segue` with these arguments against the test's Discord."""
    started = []

    async def begin(*arguments: str, **settings: str):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from bot.cli.main import main; main()",
            "--database",
            str(tmp_path / "segue.db"),
            *arguments,
            cwd=tmp_path,
            env=environment(discord, tmp_path, **settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
