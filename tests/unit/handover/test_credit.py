"""The credit window."""

import pytest
from contract.errors import ProtocolError
from contract.limits import MAX_CREDIT_FRAMES
from handover.credit import CreditWindow


@pytest.mark.parametrize(("granted", "room"), [(1, 1), (8, 8), (10**9, MAX_CREDIT_FRAMES), (0, 1), (-5, 1)])
def test_it_never_has_more_room_than_our_own_maximum(granted: int, room: int) -> None:
    window = CreditWindow(granted)

    for _ in range(2 * MAX_CREDIT_FRAMES):
        if window.has_room:
            window.next_number()

    assert window.sent == room


def test_numbers_have_no_gaps() -> None:
    window = CreditWindow(3)

    assert [window.next_number() for _ in range(3)] == [0, 1, 2]


def test_taken_frames_make_room_and_old_news_do_not_take_it_back() -> None:
    window = CreditWindow(2)
    window.next_number()
    window.next_number()

    assert window.take(2)
    assert not window.take(1)

    assert window.has_room
    assert window.is_settled


def test_frames_that_were_never_sent_cannot_be_taken() -> None:
    window = CreditWindow(2)
    window.next_number()

    with pytest.raises(ProtocolError):
        window.take(2)
