"""Answers into contract models or named errors; nothing else ever comes out."""

import json
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from backend_client.client.errors import Nonsense, refusal
from backend_client.client.transport import Answer
from backend_client.contract.model import Message

Model = TypeVar("Model", bound=Message)


def error_code(answer: Answer) -> str | None:
    """The contract's error code in an answer, if it has one."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    code = body.get("error") if isinstance(body, dict) else None
    return code if isinstance(code, str) and len(code) <= 60 else None


def demand_ok(answer: Answer) -> None:
    """Raise the named refusal, or Nonsense, unless the status is 200 or 201."""
    if answer.status in (200, 201):
        return
    code = error_code(answer)
    if code is None:
        raise Nonsense(f"status {answer.status} without an error code")
    raise refusal(code)


def model(answer: Answer, kind: type[Model]) -> Model:
    """The answer as a contract model."""
    demand_ok(answer)
    try:
        return TypeAdapter(kind).validate_json(answer.body)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, where["loc"][:6]))
        raise Nonsense(f"{kind.__name__}: {place or 'body'}: {where['type']}") from None
