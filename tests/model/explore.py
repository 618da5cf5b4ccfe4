"""Breadth-first through all states; the first broken promise ends it, with the shortest way there."""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.model import faults, hub, producer, promises, worker
from tests.model.rules import Rules
from tests.model.world import Move, Step, World


@dataclass(slots=True)
class Explored:
    """What was found."""

    states: int = 0
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)  #: by number and name
    broken: str = ""  #: name of a promise
    way: list[Step] = field(default_factory=list)  #: to the state that breaks it


class Edges(NamedTuple):
    """Which state leads to which without a fault."""

    sources: "array[int]"
    targets: "array[int]"

    def add(self, source: int, target: int) -> None:
        self.sources.append(source)
        self.targets.append(target)

    def cannot_reach(self, ends: list[int], count: int) -> list[int]:
        """States from which none of `ends` can be reached: backwards from the ends, over edges sorted by target."""
        starts = array("i", bytes(4 * (count + 1)))
        for target in self.targets:
            starts[target] += 1
        total = 0
        for number in range(count + 1):
            total += starts[number]
            starts[number] = total
        into = array("i", bytes(4 * len(self.sources)))
        for source, target in zip(self.sources, self.targets, strict=True):
            starts[target] -= 1
            into[starts[target]] = source
        reaches, todo = bytearray(count), list(ends)
        while todo:
            number = todo.pop()
            if not reaches[number]:
                reaches[number] = 1
                todo.extend(into[starts[number] : starts[number + 1]])
        return [number for number in range(count) if not reaches[number]]


def moves(world: World, rules: Rules) -> Iterator[Move]:
    """Everything that can happen next."""
    for number in range(len(world.uploads)):
        yield from producer.steps(world, number, rules)
        yield from worker.steps(world, number, rules)
        yield from hub.steps(world, number, rules)
    yield from worker.process_steps(world)
    if not world.api_lives:
        yield Step("10", "source-api starts"), world._replace(api_lives=True)
    yield from faults.steps(world, rules)


def reduced(world: World) -> World:
    """The same state without what nobody can see any more."""
    if world.past and not world.left.crashes:
        world = world._replace(past=())
    if len(world.uploads) == world.forms == 2:
        mirrored = _mirrored(world)
        return min(world, mirrored)
    return world


def _mirrored(world: World) -> World:
    """Forms are alike: two states that differ by their names only are one."""
    past = tuple(tables._replace(rows=tables.rows[::-1]) for tables in world.past)
    return world._replace(uploads=world.uploads[::-1], now=world.now._replace(rows=world.now.rows[::-1]), past=past)


def explore(start: World, rules: Rules) -> Explored:
    """All states that can be reached."""
    found = Explored()
    numbers: dict[World, int] = {start: 0}
    order, parents, by = [start], array("i", [-1]), [Step("", "")]
    edges = Edges(array("i"), array("i"))
    for here, world in enumerate(order):
        for step, after in moves(world, rules):
            after = reduced(after)
            there = numbers.setdefault(after, len(order))
            found.steps[step.number, step.name] += 1
            if not step.is_fault:
                edges.add(here, there)
            if there == len(order):
                order.append(after)
                parents.append(here)
                by.append(step)
                found.broken = next(promises.broken(after), "")
                if found.broken:
                    found.states, found.way = len(order), _way(there, parents, by)
                    return found
    found.states = len(order)
    ends = [number for number, world in enumerate(order) if promises.is_quiet(world)]
    lost = edges.cannot_reach(ends, len(order))
    if lost:
        found.broken, found.way = "every_run_can_end", _way(lost[0], parents, by)
    return found


def _way(number: int, parents: "array[int]", by: list[Step]) -> list[Step]:
    steps = []
    while number > 0:
        steps.append(by[number])
        number = parents[number]
    return steps[::-1]
