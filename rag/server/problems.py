"""Errors as OpenAI's clients expect them: a JSON object, a status, and when to ask again."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag.errors import Overloaded, RagError, UsageError

_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
_FIRST_SERVER_ERROR = 500
UNFORESEEN = "something went wrong that was not foreseen; its traceback is in the server's terminal"


def problem(status: int, message: str, *, code: str | None = None, retry_after: int | None = None) -> JSONResponse:
    """Return the error object; `retry_after` is in seconds."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse(error_object(status, message, code=code), status_code=status, headers=headers)


def error_object(status: int, message: str, *, code: str | None = None) -> dict[str, Any]:
    """Return `{"error": …}` for a status."""
    kind = _KINDS.get(status, "server_error" if status >= _FIRST_SERVER_ERROR else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def of(error: RagError) -> JSONResponse:
    """Return what one of our errors is over HTTP: 400 for a wrong request, 503 where too many wait, else 500."""
    if isinstance(error, Overloaded):
        return problem(503, str(error), code="overloaded", retry_after=error.retry_after)
    return problem(400 if isinstance(error, UsageError) else 500, str(error))


def handle_errors(app: FastAPI) -> None:
    """Let `app` answer every error so; what nobody foresaw says no more than that it happened."""

    @app.exception_handler(RagError)
    def _(_: Request, error: RagError) -> JSONResponse:
        return of(error)

    @app.exception_handler(RequestValidationError)
    def _(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]  # without the input itself: it may be long, or not be text at all
        return problem(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}; see docs/api.md")

    @app.exception_handler(HTTPException)
    def _(request: Request, error: HTTPException) -> JSONResponse:
        answer = problem(error.status_code, f"{request.url.path}: {error.detail}; see /openapi.json")
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def _(_: Request, __: Exception) -> JSONResponse:
        return problem(500, UNFORESEEN)
