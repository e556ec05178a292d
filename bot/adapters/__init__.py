"""Chat platforms.  An adapter is a package with `async def run(settings, music, ready) -> None`."""

PLATFORMS = ("telegram", "discord")
"""Adapters that `segue run` starts; each needs its token setting, such as `telegram_token`."""

WEB = "web"
"""Adapter that `segue run` starts beside them where SEGUE_WEB is set, and `segue web` starts alone."""
