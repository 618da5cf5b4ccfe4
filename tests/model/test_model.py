"""Every run of the model, within bounds, keeps every promise and can end."""

import pytest

from tests.model.explore import explore
from tests.model.rules import Rules
from tests.model.world import Faults, begin

#: Forms, tries of each, and how many crashes, tricks of the broker and cuts may happen in one run.
BOUNDS = (
    pytest.param(1, 1, Faults(crashes=2, tricks=1, cuts=1), id="one_upload"),
    pytest.param(1, 2, Faults(crashes=1, tricks=1), id="a_form_sent_again"),
    pytest.param(1, 2, Faults(cuts=1), id="a_form_sent_again_after_a_cut"),
    pytest.param(2, 1, Faults(crashes=1), id="two_uploads_and_a_crash"),
    pytest.param(2, 1, Faults(tricks=1), id="two_uploads_and_a_trick"),
    pytest.param(2, 1, Faults(cuts=1), id="two_uploads_and_a_cut"),
    pytest.param(2, 1, Faults(crashes=2), id="two_uploads_and_two_crashes", marks=pytest.mark.slow),
    pytest.param(2, 1, Faults(crashes=1, tricks=1), id="two_uploads_a_crash_and_a_trick", marks=pytest.mark.slow),
    pytest.param(1, 2, Faults(tricks=1, cuts=1), id="a_form_sent_again_a_trick_and_a_cut", marks=pytest.mark.slow),
    pytest.param(1, 2, Faults(crashes=1, cuts=1), id="a_form_sent_again_a_crash_and_a_cut", marks=pytest.mark.slow),
)


@pytest.mark.parametrize(("forms", "tries", "faults"), BOUNDS)
def test_every_run_keeps_the_promises_and_can_end(
    forms: int, tries: int, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explore(begin(forms, tries, faults), Rules())

    with capsys.disabled():
        print(f"\n{forms} forms, {tries} tries, {faults}: {found.states} states, {found.steps.total()} steps", end=" ")
    assert not found.broken, f"{found.broken}: {found.way}"


def test_upload_without_a_fault_is_acknowledged_whatever_the_order() -> None:
    found = explore(begin(2, 1, Faults()), Rules())

    assert not found.broken
    assert found.steps["8", "hears done"] > 0
    assert found.steps["9b", "hears fail"] == 0
