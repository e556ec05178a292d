"""Kafka: requests and results by stream, and facts between machines.  The only place that knows its client.

The modules of this package need the extra `kafka`; import them only where somebody asked for Kafka.
"""
