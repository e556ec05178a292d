"""Tables and triggers, as their migrations create them; never edited after a release."""
