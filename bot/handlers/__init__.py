"""Command handlers, by noun.  A handler takes an Ask, returns a reply, and raises MusicError to refuse."""
