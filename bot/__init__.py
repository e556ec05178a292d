"""TALKS.  Chat commands in, answers out; no maths, no SQL."""
