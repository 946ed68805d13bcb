"""Answers into contract models or named errors; nothing else ever comes out."""

import json
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from backend_client.client.errors import Nonsense, Refused, StepUpNeeded, TooSoon, refusal
from backend_client.client.transport import Answer
from backend_client.contract.model import Message

Model = TypeVar("Model", bound=Message)


def _members(answer: Answer) -> dict[str, object]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def error_code(answer: Answer) -> str | None:
    """The contract's error code in an answer, if it has one."""
    code = _members(answer).get("error")
    return code if isinstance(code, str) and len(code) <= 60 else None


def _step_up(answer: Answer, code: str) -> StepUpNeeded:
    wanted, age = _members(answer).get("acr_values"), _members(answer).get("max_age")
    return StepUpNeeded(code, tuple(str(wanted or "").split()), age if isinstance(age, int) else None)


def demand_ok(answer: Answer) -> None:
    """Raise the named refusal, or Nonsense, unless the status is 200, 201 or 202."""
    if answer.status in (200, 201, 202):
        return
    code = error_code(answer)
    if code is None:
        raise Nonsense(f"status {answer.status} without an error code")
    raise _refused(answer, code)


def _refused(answer: Answer, code: str) -> Refused:
    error = refusal(code)
    if isinstance(error, StepUpNeeded):
        return _step_up(answer, code)
    return TooSoon(code, answer.retry_after) if isinstance(error, TooSoon) else error


def model(answer: Answer, kind: type[Model]) -> Model:
    """The answer as a contract model."""
    demand_ok(answer)
    try:
        return TypeAdapter(kind).validate_json(answer.body)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, where["loc"][:6]))
        raise Nonsense(f"{kind.__name__}: {place or 'body'}: {where['type']}") from None
