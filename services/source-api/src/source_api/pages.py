"""The pages: templates rendered into whole answers. What a source typed never comes back on a page."""

from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from source_api.refusals import STATUS, Reason

_TITLES: Final = {
    400: "That could not be read",
    403: "This form has expired",
    404: "There is no such page",
    405: "That does not work here",
    413: "That is too much",
    500: "Something went wrong here",
    503: "Not available right now",
}


class Pages:
    """Renders. Templates are read once, at start; autoescape is on for all of them."""

    def __init__(self, newsroom: str, demo: bool, most_bytes: int, word_count: int) -> None:
        self._environment = Environment(
            loader=PackageLoader("source_api"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            newsroom=newsroom,
            demo=demo,
            most_bytes=most_bytes,
            most_size=size_text(most_bytes),
            word_count=word_count,
            Reason=Reason,
        )
        for name in self._environment.list_templates():
            self._environment.get_template(name)
        self.style = resources.files("source_api").joinpath("static", "style.css").read_bytes()

    def text(self, template: str, **context: object) -> str:
        """The HTML."""
        return self._environment.get_template(template).render(context)

    def page(self, template: str, status: int = 200, **context: object) -> Response:
        """The answer."""
        return HTMLResponse(self.text(template, **context), status)

    def refusal(self, reason: Reason) -> Response:
        """Why a post was not accepted."""
        return self.page("refusal.html", STATUS[reason], reason=reason)

    def error(self, status: int) -> Response:
        """A status the framework, or nobody, foresaw."""
        shown = status if status in _TITLES else 400 if status < 500 else 500
        return self.page("error.html", status, title=_TITLES[shown], kind=shown)


def size_text(byte_count: int) -> str:
    """As people read it: "500 MB". In units of 2^20, so that what is promised always fits."""
    megabytes = byte_count // (1024 * 1024)
    return f"{megabytes} MB" if megabytes < 10_000 else f"{megabytes // 1024} GB"
