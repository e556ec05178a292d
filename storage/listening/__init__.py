"""Events, and what follows from them alone: the log, kept profiles, slates and outcomes."""
