"""Segue in a terminal, in a pipe, and from a script."""
