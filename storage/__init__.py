"""REMEMBERS.  Facts only, in one SQLite file; knows nothing of recommending."""
