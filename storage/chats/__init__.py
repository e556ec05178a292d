"""Conversations: cards, sessions, radios, deliveries and what comes by itself."""
