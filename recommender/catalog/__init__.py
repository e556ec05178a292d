"""Catalogue: sources of songs, and how a name finds one."""
