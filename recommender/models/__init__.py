"""Models of which people take which items: matrices in, ranked lists out."""
