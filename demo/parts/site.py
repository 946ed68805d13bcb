"""Another department's site as a child, registered with central."""

from pathlib import Path
from typing import Self

from demo.parts.central import CentralPlatform
from demo.parts.process import Process

CLIENT_ID = "housing"


class DepartmentSite(Process):
    """`simulators site` on a free port. `options`: more for `central register-site`."""

    def __init__(self, central: CentralPlatform, folder: Path, *options: str) -> None:
        self._central, self._key, self._options = central, folder / "site.pem", options
        more = ("--client-id", CLIENT_ID, "--key", str(self._key), "--port", "0")
        super().__init__("simulators", "site", "--issuer", central.url, *more)

    def __enter__(self) -> Self:
        super().__enter__()
        self.url = str(self.wait_for("ready")["url"])
        where = ("--public-key", str(self._key), "--url", self.url)
        self._central.run("register-site", CLIENT_ID, *where, *self._options)
        return self
