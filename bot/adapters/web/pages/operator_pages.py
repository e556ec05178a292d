"""*Operator*: health, counts, policies with their estimates, trainings; and /metrics for Prometheus."""

import asyncio
import hmac
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.adapters.web.answers import said
from bot.adapters.web.binding import is_loopback
from bot.adapters.web.figures import exposed, figures, told
from bot.adapters.web.templating import page
from bot.adapters.web.visitor import Owner, Sent, SentForm, client, known
from bot.commands import perform
from bot.context import Ask
from bot.handlers import policies
from bot.replies import Reply
from recommender.bandit.off_policy import ValueEstimate
from recommender.bandit.policy import POLICIES
from recommender.service import MusicService

router = APIRouter()
_VITAL = 11  # figures of the process; the others count what is stored


@dataclass(frozen=True, slots=True)
class Contender:
    """A policy that might choose the songs."""

    name: str
    decisions: int
    effective: float
    snips: str
    dr: str
    reason: str
    may: bool


@router.get("/operator")
async def overview(request: Request, visitor: Owner) -> Response:
    """Show how Segue is."""
    found = await figures(request.app)
    running, earned, contenders = await _policies(visitor.music)
    return page(
        request,
        "operator.html",
        health=[(one.help.rstrip("."), told(one)) for one in found[:_VITAL]],
        counts=[(one.name, int(one.value)) for one in found[_VITAL:]],
        running=running,
        earned=earned,
        policies=contenders,
        trains=any(one.name == "training_running" and one.value for one in found),
    )


async def _policies(music: MusicService) -> tuple[str, str, list[Contender]]:
    running, earned, contenders = await music.promotion.running(), "", []
    for name in POLICIES:
        if name == running:
            continue
        found = await music.promotion.compare(name)
        earned = earned or (_percent(found.earned) if found.earned is not None else "")
        snips, dr = (
            _percent(found.estimates[kind]) if kind in found.estimates else "" for kind in ("SNIPS", "DR")
        )
        verdict = found.verdict
        contenders.append(
            Contender(name, found.decisions, found.effective, snips, dr, verdict.reason, verdict.promote)
        )
    return running, earned, contenders


def _percent(estimate: ValueEstimate) -> str:
    return f"{100 * estimate.value:.1f} % ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


@router.post("/operator/promote")
async def promoted(request: Request, form: Sent) -> Response:
    """Let another policy choose, if the log says that it may."""
    return await _policy(request, form, f"promote {form['policy']}")


@router.post("/operator/back")
async def rolled_back(request: Request, form: Sent) -> Response:
    """Let the policy of before choose again."""
    return await _policy(request, form, "back")


async def _policy(request: Request, form: SentForm, wish: str) -> Response:
    _only_owner(form)

    async def decided(ask: Ask) -> Reply:
        return await policies.policy(ask, wish)

    reply = await perform(form.context, decided, spoke=False)
    return page(request, "answer.html", reply=reply, lines=said(reply), back="/operator")


@router.post("/operator/train")
async def trained(request: Request, form: Sent) -> Response:
    """Begin a training; the page shows that it runs."""
    _only_owner(form)
    tasks = request.app.state.tasks
    task = asyncio.create_task(form.visitor.music.train(), name="training asked for on the web")
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return RedirectResponse("/operator", 303)


def _only_owner(form: SentForm) -> None:
    if not form.visitor.is_owner:
        raise HTTPException(404)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the figures for Prometheus: to the owner, for the token, or to a program of this machine."""
    if not await _may_measure(request):
        raise HTTPException(404)
    return PlainTextResponse(exposed(await figures(request.app)), media_type="text/plain; version=0.0.4")


async def _may_measure(request: Request) -> bool:
    state = request.app.state
    token = state.settings.web_metrics_token
    given = request.headers.get("authorization", "").encode()
    if token is not None and hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode()):
        return True
    visitor = await known(request)
    if visitor is not None:
        return visitor.is_owner
    # Behind a proxy everybody may come from this machine.
    return token is None and not state.bound.is_proxied and is_loopback(client(request))
