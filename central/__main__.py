"""`bin/central`: run the reference central platform, make cards, check paper."""

import sys

from backend_client.crypto.errors import CryptoError
from central.commands import access_log, cards, clients, papers, serving
from central.commands.application import CommandError, app
from central.conformance.command import conformance
from central.synthetic.person import NoSuchPerson

__all__ = ["access_log", "app", "cards", "clients", "papers", "serving"]

app.command(epilog="Example: bin/central conformance https://city.example --credentials test.toml")(conformance)


def main() -> None:
    """Run a command; what can't be done is one sentence on standard error."""
    try:
        app()
    except (CommandError, CryptoError, LookupError, NoSuchPerson, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
