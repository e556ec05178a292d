"""Every page in every look: accessible, no wider than its screen, small, soon painted; kept as pictures."""

import pytest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]  # a browser takes seconds to start

PAGES = ("/", "/taste", "/history", "/data", "/session", "/artist/1", "/operator", "/sign-in", "/in/gone")
LOOKS = {"light": (1200, False), "dark": (1200, True), "phone": (390, False)}
SERIOUS = ("serious", "critical")
_FIND = """
const done = arguments[0];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations))
"""
_PAINTED = "return performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0]"
_SENT = "return performance.getEntriesByType('navigation')[0].encodedBodySize"


def address(chrome, path: str) -> str:
    """Return the address of a page; nobody is signed in at the other name of this machine."""
    return chrome.address.replace("127.0.0.1", "localhost") + path if path == "/sign-in" else path


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_accessible_and_fits_its_screen(dressed, axe, path, look):
    width, is_dark = LOOKS[look]
    await dressed.open(address(dressed, path))
    await dressed.screen(path.strip("/").replace("/", "-") or "for-me", width, dark=is_dark)
    await dressed.script(axe)
    found = await dressed.do(lambda driver: driver.execute_async_script(_FIND))
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in SERIOUS]
    assert serious == []
    assert await dressed.script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_small_and_painted_at_once(dressed, path):
    await dressed.open(address(dressed, path))
    assert await dressed.until(lambda driver: driver.execute_script(_PAINTED)) < 2000
    assert await dressed.script(_SENT) < 150_000
