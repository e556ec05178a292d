"""Where songs come from and how they are found."""
