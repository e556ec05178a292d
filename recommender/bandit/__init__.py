"""Contextual bandit: policies over tracks with explanations, and off-policy evaluation from the log."""
