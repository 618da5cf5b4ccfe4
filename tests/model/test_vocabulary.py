"""Code, protocol page and model speak of the same messages, frames, functions and steps."""

import re
from pathlib import Path
from typing import get_args

import contract.messages
from contract.frames import FrameKind
from contract.messages import Message
from contract.outcomes import Outcome

from tests.model import world
from tests.model.explore import explore
from tests.model.rules import Rules
from tests.model.vocabulary import LEFT_OUT, SPOKEN, STEPS_LEFT_OUT
from tests.model.world import Faults, begin

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "deploy/postgres/functions"
BY_PREFIX = re.compile(r"CREATE FUNCTION sealdrop\.(worker_\w+|\w+_give_up|\w+_settled|admin_sweep_outcomes)\(")
#: Enough for every step of the model to happen.
STARTS = (begin(1, 1, Faults(1, 0, 1)), begin(1, 1, Faults(0, 2, 0)))


def steps_taken() -> set[tuple[str, str]]:
    return {step for start in STARTS for step in explore(start, Rules()).steps}


def messages_of_the_code() -> set[str]:
    defined = vars(contract.messages).values()
    return {kind.__name__ for kind in defined if isinstance(kind, type) and issubclass(kind, Message)} - {"Message"}


def functions_of_the_database() -> set[str]:
    return {name for path in FUNCTIONS.glob("*.sql") for name in BY_PREFIX.findall(path.read_text())}


def steps_of_the_page() -> set[str]:
    """ "5a" for (a) of step 5; a step without letters by its number."""
    page = (ROOT / "docs/protocol.md").read_text()
    way = page[page.index("**Step 1.") : page.index("### Replies")]
    sections = re.findall(r"\*\*Step (\d+)\.(.*?)(?=\*\*Step|\Z)", way, re.DOTALL)
    return {number + letter for number, text in sections for letter in re.findall(r"^- \((\w)\)", text, re.M) or [""]}


def test_model_knows_every_message_frame_and_function() -> None:
    words = messages_of_the_code() | {kind.name for kind in FrameKind} | functions_of_the_database()

    assert words == SPOKEN.keys() | LEFT_OUT.keys()
    assert not SPOKEN.keys() & LEFT_OUT.keys()


def test_model_really_says_what_it_claims_to() -> None:
    names = {name for _, name in steps_taken()}

    assert {step for steps in SPOKEN.values() for step in steps} - names == set()


def test_steps_carry_the_numbers_of_the_protocol_page() -> None:
    numbers = {number for number, _ in steps_taken()} - {""}

    assert numbers <= steps_of_the_page()
    assert steps_of_the_page() - numbers == STEPS_LEFT_OUT.keys()


def test_outcomes_are_those_of_the_code() -> None:
    assert set(get_args(world.Outcome)) - {""} == {str(outcome) for outcome in Outcome}
