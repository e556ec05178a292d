"""Bandit: policies that choose among songs with reasons, and what their log says of other policies."""
