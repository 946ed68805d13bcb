"""Where central is, who we are, and whose seals we believe."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CentralSettings:
    """`base_url`: where to connect; `audience`: central's public name (default base_url), used in signatures.

    `seal_keys`: pinned public JWKs by kid. Time-outs in seconds. `tls`: shows our certificate, once we are enrolled.
    """

    base_url: str
    terminal_id: str
    seal_keys: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    audience: str = ""
    connect_timeout: float = 2.0
    read_timeout: float = 5.0
    ca_file: str | None = None
    tls: ssl.SSLContext | None = None

    @property
    def public_url(self) -> str:
        """Central's name in `aud` and `htu`."""
        return self.audience or self.base_url
