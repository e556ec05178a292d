"""The memory layer: facts only, in one SQLite file; it imports nothing from the recommender or the bot."""
