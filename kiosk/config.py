"""The terminal's configuration: one TOML, checked on load; an error names file, key and allowed values."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


class ConfigurationError(Exception):
    """The configuration can't be used; the message names file, key and what is allowed."""


class Section(BaseModel):
    """Parent of the sections: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _expanded(path: Path) -> Path:
    return path.expanduser()


Location = Annotated[Path, AfterValidator(_expanded)]


class TerminalSection(Section):
    """Which terminal this is. `mode`: test accepts synthetic cards only, production real ones only."""

    id: str = Field(pattern=r"^[A-Z0-9]{1,12}$", description="1 to 12 capital letters and digits")
    district: str = Field(default="", max_length=20)
    mode: Literal["test", "production"] = "test"
    services: tuple[str, ...] = Field(default=("contributions", "family-planning"), min_length=1)
    data: Location = Field(description="folder for journal, key and log")


class CardSection(Section):
    """`reader`: a part of the reader's name."""

    reader: str = Field(min_length=1)


class CentralSection(Section):
    """Where central is, and whose document seals are believed (a JWKS file).

    `device_key`: a PEM file, or a `pkcs11:` URI (RFC 7512). `certificate`: where `kiosk enrol` keeps ours.
    """

    base_url: str = Field(pattern=r"^https?://[^/]+$", description="http(s)://host[:port], no path")
    audience: str = Field(default="", pattern=r"^(https?://[^/]+)?$")
    seal_keys: Location
    device_key: Annotated[str, Field(pattern=r"^pkcs11:")] | Location
    certificate: Location | None = None
    ca_file: str | None = None
    connect_timeout: float = Field(default=2.0, gt=0, le=30)
    read_timeout: float = Field(default=5.0, gt=0, le=60)


class ThermalSection(Section):
    """The slip printer."""

    host: str = Field(min_length=1)
    port: int = Field(default=9100, ge=1, le=65535)
    print_timeout: float = Field(default=20.0, gt=0, le=300)


class A4Section(Section):
    """The A4 printer. `patience`: seconds that a job may wait for paper."""

    uri: str = Field(pattern=r"^ipps?://", description="ipp:// or ipps://")
    patience: float = Field(default=60.0, gt=0, le=600)


class Config(Section):
    """A whole configuration."""

    terminal: TerminalSection
    card: CardSection
    central: CentralSection
    thermal: ThermalSection
    a4: A4Section

    @property
    def journal_path(self) -> Path:
        """The journal's file."""
        return self.terminal.data / "journal.db"

    @property
    def journal_key_path(self) -> Path:
        """The key of the journal's payloads."""
        return self.terminal.data / "journal.key"


def _complaint(path: Path, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    allowed = first.get("ctx", {})
    expected = allowed.get("expected") or allowed.get("pattern") or ""
    hint = f" Allowed: {expected}." if expected else ""
    return f"{path}: {key}: {first['msg']}.{hint}"


def load_config(path: Path) -> Config:
    """Read and check a configuration; relative paths in it start at its folder. ConfigurationError otherwise."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read ({error.strerror}); give its place with --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}.") from error
    try:
        return _anchored(Config.model_validate(raw), path.resolve().parent)
    except ValidationError as error:
        raise ConfigurationError(_complaint(path, error)) from None


def _placed(folder: Path, key: Path | str) -> Path | str:
    return folder / key if isinstance(key, Path) else key


def _anchored(config: Config, folder: Path) -> Config:
    terminal = config.terminal.model_copy(update={"data": folder / config.terminal.data})
    central = config.central.model_copy(
        update={
            "seal_keys": folder / config.central.seal_keys,
            "device_key": _placed(folder, config.central.device_key),
            "certificate": folder / config.central.certificate if config.central.certificate else None,
        }
    )
    return config.model_copy(update={"terminal": terminal, "central": central})


def load_seal_keys(path: Path) -> dict[str, dict[str, object]]:
    """Pinned document-signing keys by kid, from a JWKS file."""
    try:
        return {key["kid"]: key for key in json.loads(path.read_text(encoding="utf-8"))["keys"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a JWKS file ({error!r}); fetch it with `central keys`.") from error
