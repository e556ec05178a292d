"""The command line: `main` is the program `segue`; each other file does what one of its commands says."""
