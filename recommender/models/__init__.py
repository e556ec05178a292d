"""Recommendation models: user-item matrices in, ranked lists out."""
