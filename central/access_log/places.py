"""Where a terminal stands, and who a site or service is, in words; for the holder's view only, not in the chain."""

from sqlalchemy import Engine, delete, insert, select

from backend_client.contract.access_log import Words
from central.access_log.tables import client_places
from central.identity.tables import sites
from central.storage import writing
from central.synthetic.person import table

PUBLIC = Words(zh="持有这张凭证的人", en="somebody who holds this paper")


def set_place(engine: Engine, client_id: str, place: Words) -> None:
    """Say where a terminal stands, or what a department's service is called."""
    with writing(engine) as connection:
        connection.execute(delete(client_places).where(client_places.c.client_id == client_id))
        connection.execute(insert(client_places).values(client_id=client_id, zh=place.zh, en=place.en))


def places(engine: Engine, clients: set[str]) -> dict[str, Words]:
    """The words for each client: as they were set, a site's own name, or what its number says."""
    wanted = select(client_places).where(client_places.c.client_id.in_(clients))
    named = select(sites.c.client_id, sites.c.name_zh, sites.c.name_en).where(sites.c.client_id.in_(clients))
    with engine.connect() as connection:
        known = [*connection.execute(named), *connection.execute(wanted)]
    found = {client: Words(zh=zh, en=en) for client, zh, en in known}
    return {"public": PUBLIC, **{client: found.get(client) or _by_number(client) for client in clients - {"public"}}}


def _by_number(client: str) -> Words:
    """A terminal's number begins with T and its district (GB/T 2260)."""
    for district in table("places")["district"]:
        if client.startswith(f"T{district['code']}"):
            return Words(zh=f"{district['name']}自助终端 {client}", en=f"terminal {client}, {district['en']} District")
    return Words(zh=client, en=client)
