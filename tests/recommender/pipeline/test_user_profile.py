"""What the standing events of one listener come to."""

from recommender.pipeline.user_profile import UserProfile
from storage.records import Kind


def test_all_events_of_one_listener_are_the_listeners_own():
    rows = [
        (11, 745, None, Kind.LIKE, None, 1_700_000_000, None),
        (12, 745, 1517, Kind.LIKE, None, 1_700_000_001, None),
        (13, 9, None, Kind.BLOCK, None, 1_700_000_001, None),
        (15, 664, 1000, Kind.PLAY, None, 1_700_000_002, 3),
    ]
    log = UserProfile.read(rows).log
    assert log.user.tolist() == [0, 0, 0]
    assert log.artist.tolist() == [745, 745, 664]
