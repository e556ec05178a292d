"""Requests for music as data: what is asked, by whom, and what comes back.

The HTTP API and a stream of messages answer the same requests with the same code: `answer` takes a request
and returns a result, through the verbs that the chat uses.  Models are pydantic's; JSON Schemas follow from
them (`json_schemas`).
"""

from bot.requests.answering import answer, listener_of
from bot.requests.envelopes import REQUEST, Failure, MusicRequest, MusicResult, ResultSong

__all__ = ["REQUEST", "Failure", "MusicRequest", "MusicResult", "ResultSong", "answer", "listener_of"]
