"""The storyboard's ticks and hints."""

from sealdrop_demo.storyboard import STEPS, Seen, done, lines


def test_nothing_is_ticked_before_anything_was_seen() -> None:
    shown = lines(Seen())

    assert not any("✓" in line for line in shown)
    assert STEPS[0].hint in shown[0]
    assert sum(step.hint in line for step, line in zip(STEPS, shown, strict=True)) == 1


def test_a_login_without_a_download_is_half_a_step() -> None:
    step = STEPS[2]

    assert not done(step, Seen(logins=1))
    assert not done(step, Seen(downloads=1))
    assert done(step, Seen(logins=1, downloads=1))


def test_the_next_step_is_the_first_that_is_not_done() -> None:
    shown = lines(Seen(items=2))

    assert [line.strip()[0] for line in shown] == ["✓", "✓", "·", "·", "·", "·", "·"]
    assert STEPS[2].hint in shown[2]
    assert STEPS[3].hint not in shown[3]


def test_everything_seen_ticks_everything() -> None:
    shown = lines(Seen(1, 1, 1, 1, 1, 1, 1))

    assert all(line.strip().startswith("✓") for line in shown)
