"""Where people talk with Segue.  An adapter is a package with `async def run(settings, music) -> None`."""

PLATFORMS = ("telegram", "discord")
"""The adapters that `segue run` starts; each needs the setting PLATFORM_token."""
