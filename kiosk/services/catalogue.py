"""All services that exist: every module of this folder that has a SERVICE. A district's configuration chooses."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kiosk.config import ConfigurationError
from kiosk.services.service import Service


@cache
def all_services() -> tuple[Service, ...]:
    """Every declared service, in the order of their file names."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [importlib.import_module(f"kiosk.services.{name}") for name in sorted(names) if name != "catalogue"]
    return tuple(module.SERVICE for module in modules if hasattr(module, "SERVICE"))


def chosen(ids: Iterable[str]) -> tuple[Service, ...]:
    """The services that a configuration names, in its order; ConfigurationError for a name that doesn't exist."""
    known = {service.id: service for service in all_services()}
    missing = [name for name in ids if name not in known]
    if missing:
        raise ConfigurationError(f"terminal.services: there is no {missing[0]!r}. Allowed: {', '.join(known)}.")
    return tuple(known[name] for name in ids)
