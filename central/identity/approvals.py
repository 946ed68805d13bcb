"""What a person approved on a phone and nobody has fetched yet: it must not outlive what it was approved with."""

import time

from sqlalchemy import Connection, update

from central.identity.tables import authorization_codes, device_codes


def withdraw(connection: Connection, person: int) -> None:
    """Terminals and sites that ask for it now are refused."""
    approved = (device_codes.c.person == person, device_codes.c.state == "approved")
    connection.execute(update(device_codes).where(*approved).values(state="denied"))
    unspent = (authorization_codes.c.person == person, authorization_codes.c.sid.is_(None))
    connection.execute(update(authorization_codes).where(*unspent).values(expires=time.time() - 1))
