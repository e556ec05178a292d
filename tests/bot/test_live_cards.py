"""Cards that many people touch at once are drawn in time, and not too often."""

import asyncio

from bot.adapters.live_cards import LiveCards


class Stage:
    """Counts what is drawn, and lets time pass only when it is told to."""

    def __init__(self):
        self.drawn, self.pauses = [], []
        self.cards = LiveCards(self.draw, 1.0, self.sleep)

    async def draw(self, card):
        self.drawn.append(card)
        if card == 13:
            raise ValueError(card)

    async def sleep(self, seconds):
        passed = asyncio.Event()
        self.pauses.append((seconds, passed))
        await passed.wait()

    async def breathe(self):
        for _ in range(5):
            await asyncio.sleep(0)


async def test_fifty_touches_in_one_second_are_two_drawings_and_the_last_state_wins():
    stage = Stage()
    for _ in range(50):
        stage.cards.touch(1)
        await stage.breathe()
    assert stage.drawn == [1]
    stage.pauses[0][1].set()
    await stage.breathe()
    assert stage.drawn == [1, 1]
    stage.pauses[1][1].set()
    await stage.cards.settled()
    assert [seconds for seconds, _ in stage.pauses] == [1.0, 1.0]


async def test_cards_do_not_wait_for_each_other():
    stage = Stage()
    stage.cards.touch(1)
    stage.cards.touch(2)
    await stage.breathe()
    assert stage.drawn == [1, 2]
    await stage.cards.close()


async def test_a_drawing_that_fails_is_logged_and_the_card_goes_on(caplog):
    stage = Stage()
    stage.cards.touch(13)
    await stage.breathe()
    stage.cards.touch(13)
    stage.pauses[0][1].set()
    await stage.breathe()
    assert stage.drawn == [13, 13]
    assert "card 13 could not be drawn" in caplog.text
    await stage.cards.close()
