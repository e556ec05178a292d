"""Policies, for the operator: the policy in use, its estimates, and promotions."""

from bot.context import Ask
from bot.replies import Notice
from recommender.bandit.off_policy import LEAST_DECISIONS, ValueEstimate
from recommender.bandit.policy import POLICIES
from recommender.errors import NotKnown
from recommender.service.policies import PolicyComparison

_USAGE = "Say policy to see how they stand, policy promote NAME, or policy back."
_ASKS = f"No verdict on another before {LEAST_DECISIONS:,} of its choices are answered."


async def policy(ask: Ask, wish: str = "") -> Notice:
    """Show the policies; "promote NAME" switches to another if it may take over, "back" to the previous."""
    verb, _, name = wish.strip().partition(" ")
    if verb.casefold() == "back":
        return Notice(f"{await ask.music.promotion.roll_back()} chooses again.")
    if verb.casefold() == "promote":
        return await _promoted(ask, name.strip().casefold())
    if verb:
        raise NotKnown(_USAGE)
    return await shown(ask)


async def shown(ask: Ask) -> Notice:
    """Show the policy in use, its reward, and each candidate's estimated reward on the same impressions."""
    promotion = ask.music.promotion
    running = await promotion.running()
    found = [await promotion.compare(name) for name in POLICIES if name != running]
    answered = max(each.decisions for each in found)
    lines = [f"{running} chooses the songs; {answered:,} of its choices have been answered."]
    if answered < LEAST_DECISIONS:
        return Notice("\n".join([*lines, _ASKS]))
    earned = next(each.earned for each in found if each.earned is not None)
    lines.append(f"Liked: {_percent(earned)}. Others would have been, by the same log:")
    return Notice("\n".join(lines + [_estimated(each) for each in found]))


def _estimated(found: PolicyComparison) -> str:
    if not found.estimates:
        return f"{found.candidate}: nothing is known of it"
    verdict = "may take over" if found.verdict.promote else "may not take over"
    figures = f"{_percent(found.estimates['SNIPS'])}, doubly robust {_percent(found.estimates['DR'])}"
    worth = f"worth {found.effective:,.0f} answers"
    return f"{found.candidate}: {figures}, {worth}; {verdict}: {found.verdict.reason}"


def _percent(estimate: ValueEstimate) -> str:
    """Return an estimate with its 95 % interval."""
    return f"{100 * estimate.value:.1f} % ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


async def _promoted(ask: Ask, name: str) -> Notice:
    if name == await ask.music.promotion.running():
        return Notice(f"{name} chooses already.")
    found = await ask.music.promotion.promote(name)
    said = "chooses from now on" if found.verdict.promote else "may not take over"
    return Notice(f"{found.candidate} {said}: {found.verdict.reason}.")
