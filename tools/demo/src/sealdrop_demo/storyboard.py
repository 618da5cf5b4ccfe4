"""The way through the demo: steps, and the rule that says which are done. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be observed from outside the services."""

    items: int = 0  #: messages and files in the vault
    logins: int = 0
    downloads: int = 0
    opened: int = 0
    replies: int = 0
    replies_read: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the storyboard, done once `needs` is seen at least once."""

    title: str
    hint: str
    needs: tuple[str, ...] = field(default=())


STEPS = (
    Step("Send a file", "open the source's address, as a source would", ("items",)),
    Step("Sealed", "the servers now hold bytes they cannot open", ("items",)),
    Step("Log in as the journalist, download it", "open the journalists' address", ("logins", "downloads")),
    Step("Open it on the viewing station", "in a second terminal: make demo-svs", ("opened",)),
    Step("Reply", "in the journalists' window", ("replies",)),
    Step("Read the reply", "as the source, with the codename", ("replies_read",)),
    Step("Take the worker away", "make demo-alarm, then look at the source's page", ("alerts",)),
)


def done(step: Step, seen: Seen) -> bool:
    """True when everything the step needs was seen."""
    return all(getattr(seen, name) > 0 for name in step.needs)


def lines(seen: Seen) -> list[str]:
    """The storyboard as text, one line a step; the next step carries its hint."""
    shown = []
    is_next = True
    for number, step in enumerate(STEPS, 1):
        ticked = done(step, seen)
        hint = f"   {step.hint}" if (is_next and not ticked) or (step.title == "Sealed" and ticked) else ""
        shown.append(f"  {'✓' if ticked else '·'} {number}  {step.title}{hint}")
        is_next = is_next and ticked
    return shown
