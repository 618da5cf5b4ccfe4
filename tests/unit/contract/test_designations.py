"""Two plain words from our own lists."""

from contract.designations import ADJECTIVES, NOUNS, candidates


def test_lists_hold_400_different_plain_words_each() -> None:
    for words in (ADJECTIVES, NOUNS):
        assert len(set(words)) == len(words) == 400
        assert all(word.isascii() and word.isalpha() and word.islower() for word in words)
    assert not set(ADJECTIVES) & set(NOUNS)


def test_candidates_are_drawn_from_both_lists_by_the_given_chance() -> None:
    numbers = iter([0, 0, 399, 399, 1, 2])

    drawn = candidates(lambda _: next(numbers), 3)

    assert drawn == [
        f"{ADJECTIVES[0]} {NOUNS[0]}",
        f"{ADJECTIVES[399]} {NOUNS[399]}",
        f"{ADJECTIVES[1]} {NOUNS[2]}",
    ]


def test_chance_is_asked_for_numbers_inside_the_lists() -> None:
    asked: list[int] = []

    def ask(limit: int) -> int:
        asked.append(limit)
        return 0

    candidates(ask, 2)

    assert asked == [400, 400, 400, 400]
