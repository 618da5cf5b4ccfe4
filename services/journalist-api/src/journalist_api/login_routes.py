"""Log in, log out, who am I."""

from contract.audit import EventName
from fastapi import APIRouter, Request, Response

from journalist_api.errors import ApiError, Problem
from journalist_api.guard import caller_of
from journalist_api.login import LoginRefused, TooManyLogins
from journalist_api.models import LoginAnswer, LoginBody, MeAnswer
from journalist_api.room import Room
from journalist_api.sessions import Journalist, Token, clear_cookie, set_cookie


def build(room: Room) -> APIRouter:
    """Routes of the session itself."""
    router = APIRouter(tags=["session"])

    @router.post("/login")
    async def log_in(body: LoginBody, response: Response) -> LoginAnswer:
        journalist = await _check(room, body)
        token = Token.draw()
        await room.store.open_session(journalist.id, token.sha256)
        room.audit.record(EventName.JOURNALIST_LOGGED_IN, journalist=journalist.id)
        if body.session == "cookie":
            response.headers["set-cookie"] = set_cookie(token)
        return LoginAnswer(
            username=journalist.username,
            is_admin=journalist.is_admin,
            csrf_token=token.csrf_token,
            token=token.text if body.session == "bearer" else None,
        )

    @router.post("/logout", status_code=204)
    async def log_out(request: Request) -> Response:
        caller = caller_of(request)
        await room.store.close_session(caller.presented.token.sha256)
        room.audit.record(EventName.JOURNALIST_LOGGED_OUT, journalist=caller.journalist.id)
        return Response(status_code=204, headers={"set-cookie": clear_cookie()})

    @router.get("/me")
    async def me(request: Request) -> MeAnswer:
        caller = caller_of(request)
        journalist = caller.journalist
        csrf_token = caller.presented.token.csrf_token
        return MeAnswer(username=journalist.username, is_admin=journalist.is_admin, csrf_token=csrf_token)

    return router


async def _check(room: Room, body: LoginBody) -> Journalist:
    try:
        return await room.login.check(body.username, body.passphrase, body.code)
    except LoginRefused:
        room.audit.record(EventName.JOURNALIST_LOGIN_FAILED)
        raise ApiError(Problem.LOGIN_REFUSED) from None
    except TooManyLogins:
        raise ApiError(Problem.BUSY) from None
