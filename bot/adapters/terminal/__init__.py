"""Terminal adapter: a prompt, a pipe or a script."""
