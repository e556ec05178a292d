"""Work on the translations: extraction from the code, what is missing, and filling it in.

`python3 -m bot.translations --help`; docs/developing.md has the whole round.
"""
