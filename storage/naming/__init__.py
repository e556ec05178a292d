"""Spelling of names: keys for equal names, wording without editions, names that mean nothing."""
