"""`/settings adventurous`: one dial, kept with the person."""


def test_the_dial_is_shown_turned_and_kept(talk):
    shown, turned, again = talk("/settings", "/settings adventurous 7", "/settings")
    assert "Adventurous: 3, as for everybody who has not said." in shown
    assert turned.startswith("Adventurous: 7 of 10 from the next list on.")
    assert "Adventurous: 7." in again


def test_what_is_no_place_on_the_dial_is_told_what_is(talk):
    for asked in (
        "/settings adventurous 11",
        "/settings adventurous -1",
        "/tune 11",
    ):
        (answer,) = talk(asked)
        assert answer.startswith("Say a number from 0 to 10")
        assert "/settings adventurous 6" in answer
    (answer,) = talk("/settings loud 3")
    assert "/settings adventurous [N]" in answer


def test_tune_is_the_same_dial(talk):
    _, shown, told = talk("/tune 7", "/settings", "/help tune")
    assert "Adventurous: 7." in shown
    assert told.startswith("/settings adventurous [N]")


def test_lists_of_different_dials_differ(talk):
    def artists(answer):
        return [line for line in answer.splitlines() if line.startswith(" ") and " - " in line]

    _, _, fitting, _, far = talk(
        "/like queen", "/settings adventurous 0", "/recommend", "/settings adventurous 10", "/recommend"
    )
    assert artists(fitting)
    assert artists(far)
    assert artists(fitting) != artists(far)
