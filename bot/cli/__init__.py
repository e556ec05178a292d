"""Command line: `main` holds the program `segue`; each other file implements one of its commands."""
