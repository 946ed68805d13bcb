"""The terminal's configuration: one TOML, checked on load; an error names file, key and allowed values."""

import json
import tomllib
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

import city
from backend_client.contract.documents import DocumentKind
from kiosk.session.timing import BOUNDS
from printing.profiles import profiles


class ConfigurationError(Exception):
    """The configuration can't be used; the message names file, key and what is allowed."""


class Section(BaseModel):
    """Parent of the sections: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _expanded(path: Path) -> Path:
    return path.expanduser()


def _known(district: str) -> str:
    if district and district not in city.DISTRICTS:
        raise ValueError(f"there is no district {district!r}; known: {', '.join(city.DISTRICTS)}")
    return district


Location = Annotated[Path, AfterValidator(_expanded)]


def _profile(name: str) -> str:
    if name not in profiles():
        raise ValueError(f"one of {', '.join(profiles())}")
    return name


def _printable(text: str) -> str:
    """Control characters and private use are nothing that every paper can show."""
    if not all(unicodedata.category(char)[0] in "LNPSZ" and char not in "\u2028\u2029" for char in text):
        raise ValueError("letters, digits and punctuation only")
    return text


PrinterAddress = Annotated[str, Field(pattern=r"^ipps?://", description="ipp:// or ipps://")]


class TerminalSection(Section):
    """Which terminal this is. `mode`: test accepts synthetic cards only, production real ones only.

    `place`: where it stands, as it is to be read on paper ("海珠区赤岗街道政务服务中心一楼"). `profile`: the crypto
    profile of the city; with `gm` (国密) cards sign with SM2. `sites`: offer the city's other systems, where
    central lists any.
    """

    id: str = Field(pattern=r"^[A-Z0-9]{1,12}$", description="1 to 12 capital letters and digits")
    district: Annotated[str, AfterValidator(_known)] = ""
    place: Annotated[str, AfterValidator(_printable)] = Field(default="", max_length=40)
    mode: Literal["test", "production"] = "test"
    profile: Literal["international", "gm"] = "international"
    services: tuple[str, ...] = Field(
        default=("contributions", "family-planning", "guardian", "access-log", "account"), min_length=1
    )
    sites: bool = True
    data: Location = Field(description="folder for journal, key and log")


class PinCounterSection(Section):
    """Where a PIN is unblocked or reset in this district."""

    zh: str = Field(default=city.PIN_COUNTER["zh"], min_length=1, max_length=60)
    en: str = Field(default=city.PIN_COUNTER["en"], min_length=1, max_length=90)


class CardSection(Section):
    """`reader`: a part of the reader's name. `pin`: how the city's cards take their PIN (card/pin.py)."""

    reader: str = Field(min_length=1)
    pin: Literal["ascii", "bcd", "bcd-00"] = Field(default=city.CARD_PIN, validate_default=True)


class CentralSection(Section):
    """Where central is, and whose document seals are believed (a JWKS file).

    `device_key`: a `pkcs11:` URI (RFC 7512), or a PEM file, which production takes with `software_key = true` only.
    `certificate`: where `kiosk enrol` keeps ours.
    """

    base_url: str = Field(pattern=r"^https?://[^/]+$", description="http(s)://host[:port], no path")
    audience: str = Field(default="", pattern=r"^(https?://[^/]+)?$")
    seal_keys: Location = city.SEAL_KEYS
    device_key: Annotated[str, Field(pattern=r"^pkcs11:")] | Location
    software_key: bool = False
    certificate: Location | None = None
    ca_file: str | None = city.PLATFORM_CA
    connect_timeout: float = Field(default=2.0, gt=0, le=30)
    read_timeout: float = Field(default=5.0, gt=0, le=60)


class ThermalSection(Section):
    """The slip printer: `host` and `port`, or a serial line or /dev/usb/lp0 as `device`.

    `profile`: a table of printing/profiles.toml.
    `process_ids`: it knows GS ( H; `counters`: it knows GS g 2 (a printer that doesn't would print the command).
    `near_end_mm`: paper that is left at least when its near-end sensor trips, by its manual; 0 when nobody knows.
    """

    host: str = ""
    port: int = Field(default=9100, ge=1, le=65535)
    device: Location | None = None
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 115200
    profile: Annotated[str, AfterValidator(_profile)] = "generic-80"
    process_ids: bool = True
    counters: bool = False
    near_end_mm: int = Field(default=0, ge=0, le=20_000)
    print_timeout: float = Field(default=20.0, gt=0, le=300)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.host) == bool(self.device):
            raise ValueError("say either host (and port) or device")
        return self


class CupsSection(Section):
    """A printer that needs a driver. `spool`: a folder in memory (tmpfs); `device`: its URI for CUPS."""

    spool: Location
    driver: str = Field(default="everywhere", min_length=1, description="a name that `lpinfo -m` lists")
    device: str = Field(default="", pattern=r"^([a-z]+://?.+)?$", description="a URI that `lpinfo -v` lists")


class A4Section(Section):
    """The A4 printer. `patience`: seconds that a job may wait for paper. `duplex`: both sides where it can.

    `cups`: pages go through a CUPS daemon of ours; `uri` is still the printer itself, asked what became of them.

    `others`: printers that stand in, in this order, for the document kinds in `others_for`: they must be in the
    holder's sight. `reprint_wait`: seconds that a printer which tore a paper gets to be ready again.
    """

    uri: PrinterAddress
    patience: float = Field(default=60.0, gt=0, le=600)
    duplex: bool = False
    cups: CupsSection | None = None
    others: tuple[PrinterAddress, ...] = Field(default=(), max_length=4)
    others_for: tuple[DocumentKind, ...] = ()
    reprint_wait: float = Field(default=5.0, ge=0, le=60)


class JournalSection(Section):
    """Where the journal's key is: in a PKCS#11 token, or in a file beside the journal. `pin_file`: the token's PIN."""

    key: Literal["pkcs11", "file"] = "file"
    module: Location | None = Field(default=None, description="the token maker's PKCS#11 library")
    token: str = Field(default="", max_length=32)
    label: str = Field(default="onecard-journal", min_length=1, max_length=32)
    pin_file: Location | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.key == "pkcs11" and not (self.module and self.token and self.pin_file):
            raise ValueError("pkcs11 needs module, token and pin_file")
        return self


class SoundSection(Section):
    """`volume` in percent, 0 is silent; `device`: a name that ALSA knows."""

    volume: int = Field(default=60, ge=0, le=100)
    device: str = Field(default="default", min_length=1)


class VisitsSection(Section):
    """Masked recordings of the last visits, for support."""

    record: bool = True
    keep: int = Field(default=20, ge=1, le=500)


# Every duration of kiosk/session/timing.py, within its bounds.
DURATIONS: dict[str, Any] = {
    name: (float, Field(default=one.default, ge=one.least, le=one.most)) for name, one in BOUNDS.items()
}
TimingSection = create_model("TimingSection", __base__=Section, **DURATIONS)


class Config(Section):
    """A whole configuration."""

    terminal: TerminalSection
    card: CardSection
    central: CentralSection
    thermal: ThermalSection
    a4: A4Section
    pin_counter: PinCounterSection = PinCounterSection()
    sound: SoundSection = SoundSection()
    visits: VisitsSection = VisitsSection()
    timing: TimingSection = TimingSection()
    journal: JournalSection = JournalSection()

    @model_validator(mode="after")
    def _key_is_chosen(self) -> Self:
        if self.terminal.mode == "production" and "key" not in self.journal.model_fields_set:
            raise ValueError('in production [journal] must say key = "pkcs11", or "file" knowingly')
        in_file = isinstance(self.central.device_key, Path) and not self.central.software_key
        if self.terminal.mode == "production" and in_file:
            raise ValueError("in production [central] device_key is a pkcs11: URI; a file needs software_key = true")
        return self

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
    journal = config.journal.model_copy(
        update={name: folder / path for name in ("module", "pin_file") if (path := getattr(config.journal, name))}
    )
    return config.model_copy(update={"terminal": terminal, "central": central, "journal": journal})


def load_seal_keys(path: Path) -> dict[str, dict[str, object]]:
    """Pinned document-signing keys by kid, from a JWKS file."""
    try:
        return {key["kid"]: key for key in json.loads(path.read_text(encoding="utf-8"))["keys"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a JWKS file ({error!r}); fetch it with `central keys`.") from error
