"""The street: one pcscd slot, a card, two printers, central with a fault proxy, and a configuration that joins them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from backend_client.client.keys import DeviceKey
from demo.parts.central import CentralPlatform
from demo.parts.devices import A4, Thermal, VirtualCard
from demo.parts.process import Process
from demo.parts.reader import Daemon, SlotLease, card_slot, pcscd

TERMINAL_ID = "T44010500001"

CONFIGURATION = """# Written by the demo: every part of this terminal is on this machine.
[terminal]
id = "{terminal_id}"
district = "haizhu"
place = "海珠区测试街道政务服务中心一楼"
mode = "test"
profile = "{profile}"
services = ["contributions", "family-planning", "guardian", "access-log", "account"]
data = "terminal"

[card]
reader = "{reader}"

[central]
base_url = "{proxy}"
audience = "{central}"
seal_keys = "seal-keys.json"
device_key = "device.pem"

[thermal]
host = "127.0.0.1"
port = {thermal_port}
profile = "generic-80"
print_timeout = 8

[a4]
uri = "{a4_uri}"
patience = {patience}
"""


class Proxy(Process):
    """The fault proxy between terminal and central."""

    def __init__(self, upstream: str) -> None:
        super().__init__("demo.fault_proxy", upstream)

    def __enter__(self) -> Self:
        super().__enter__()
        self.url = str(self.wait_for("ready")["url"])
        return self


class Street:
    """Everything outside the terminal, in one folder of its own; ends what it started."""

    pcscd: Daemon
    slot: SlotLease
    central: CentralPlatform
    proxy: Proxy
    thermal: Thermal
    a4: A4
    card: VirtualCard

    def __init__(self, folder: Path, patience: float = 20, profile: str = "international") -> None:
        self.folder, self._patience, self._profile = folder, patience, profile
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def config_path(self) -> Path:
        """The terminal's configuration."""
        return self.folder / "terminal.toml"

    @property
    def data(self) -> Path:
        """The terminal's own folder: journal, keys, log."""
        return self.folder / "terminal"

    def personalise(self, person: int, *options: str) -> Path:
        """A card for a resident, in this street's folder."""
        suffix = "".join(option.strip("-") for option in options)
        return self.central.personalise(person, self.folder / f"card-{person}{suffix}.json", *options)

    def _start(self, stack: ExitStack) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pcscd = stack.enter_context(pcscd())
        self.slot = stack.enter_context(card_slot())
        with ThreadPoolExecutor(3) as pool:
            central = pool.submit(CentralPlatform(self.folder / "central", "--sms", profile=self._profile).__enter__)
            thermal = pool.submit(Thermal(self.folder / "slips").__enter__)
            a4 = pool.submit(A4(self.folder / "pages").__enter__)
        for part in (central, thermal, a4):
            if part.exception() is None:
                stack.callback(part.result().stop)
        self.central, self.thermal, self.a4 = central.result(), thermal.result(), a4.result()
        self.proxy = stack.enter_context(Proxy(self.central.url))
        self._enrol()
        self.card = stack.enter_context(VirtualCard(self.personalise(1), self.slot))

    def _enrol(self) -> None:
        device, public = self.folder / "device.pem", self.folder / "device.pub"
        key = DeviceKey.load(device) if device.exists() else DeviceKey.create(device)
        public.write_bytes(key.public_pem())
        self.central.register(TERMINAL_ID, public)
        (self.folder / "seal-keys.json").write_text(self.central.seal_keys(), encoding="utf-8")
        self.config_path.write_text(
            CONFIGURATION.format(
                terminal_id=TERMINAL_ID,
                profile=self._profile,
                reader=self.slot.reader,
                proxy=self.proxy.url,
                central=self.central.url,
                thermal_port=self.thermal.port,
                a4_uri=self.a4.uri,
                patience=self._patience,
            ),
            encoding="utf-8",
        )
