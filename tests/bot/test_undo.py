"""One action is one undo, however many songs it judged."""

import pytest


@pytest.mark.parametrize(
    ("before", "action", "taken_back"),
    [
        ("/recommend 3", "/skip", "your skip"),
        ("/recommend 3", "/skip 2", "your skip"),
        ("/recommend 3", "+1 +2 +3", "your like"),
        ("/recommend 3", "+1 -2", "your like"),
        ("hello", "radiohead, björk, nina simone", "your like"),
        ("hello", "/like queen", "your like"),
    ],
)
def test_undo_takes_back_all_that_one_message_said(talk, before, action, taken_back):
    _, _, _, told, history, nothing = talk("/like abba", before, action, "/undo", "/history 20", "/undo")
    assert told.startswith(f"↩ Taken back: {taken_back} of ")
    stands = [line for line in history.splitlines() if "taken back" not in line]
    assert len(stands) == 1
    assert "ABBA" in stands[0]
    assert nothing == "↩ Taken back: your like of ABBA."
