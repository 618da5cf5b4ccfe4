"""Everything the API says when it cannot do what was asked: one shape, constant texts, never the input."""

from enum import Enum

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse


class Problem(Enum):
    """Status, code for programs, message for people."""

    BAD_REQUEST = (400, "bad_request", "The request is not understood.")
    NOT_LOGGED_IN = (401, "not_logged_in", "Log in first.")
    LOGIN_REFUSED = (401, "login_refused", "Username, passphrase or code is wrong, or the code was used before.")
    FORBIDDEN = (403, "forbidden", "The request did not come from this site's own page.")
    NOT_FOUND = (404, "not_found", "There is nothing here.")
    WRONG_METHOD = (405, "wrong_method", "This address does not do that.")
    TOO_LARGE = (413, "too_large", "The body is over the limit.")
    BAD_RANGE = (416, "bad_range", "The range begins behind the end of the file.")
    NOT_A_SEALED_REPLY = (422, "not_a_sealed_reply", "A reply is one sealed age file of a fixed size class.")
    FAULT = (500, "fault", "Something failed here.")
    OFFLINE = (503, "offline", "Replies cannot be stored right now. Try again in a moment.")
    NOT_STORED = (503, "not_stored", "The reply was not stored. Send it again.")
    UNAVAILABLE = (503, "unavailable", "The database does not answer. Try again in a moment.")
    BUSY = (503, "busy", "Too many logins at once. Try again in a moment.")
    NOT_CONFIRMED = (
        504,
        "not_confirmed",
        "Not known yet whether the reply was stored. Look before sending again.",
    )

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def code(self) -> str:
        return self.value[1]

    @property
    def message(self) -> str:
        return self.value[2]


class ApiError(HTTPException):
    """Answered with the problem's status. An HTTPException, so that it passes through the framework's body reading."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.status, problem.message, headers)
        self.problem = problem


def error_response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The one error shape."""
    body = {"error": {"code": problem.code, "message": problem.message}}
    return JSONResponse(body, status_code=problem.status, headers=headers)


def problem_of(status: int) -> Problem:
    """For errors the framework raises itself."""
    known = {404: Problem.NOT_FOUND, 405: Problem.WRONG_METHOD, 413: Problem.TOO_LARGE}
    return known.get(status, Problem.FAULT if status >= 500 else Problem.BAD_REQUEST)
