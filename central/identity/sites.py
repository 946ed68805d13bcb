"""Other departments' sites that sign people in through central (OpenID relying parties)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Engine, delete, insert, select

from central.enrolment.admission import demand_admissible, put
from central.identity.scopes import ACR_PHONE, LEVELS
from central.identity.tables import sites
from central.storage import terminals, writing


@dataclass(frozen=True)
class Site:
    """One site. `acr`: the weakest sign-in that it takes."""

    client_id: str
    name_zh: str
    name_en: str
    redirect_uri: str
    initiate_login_uri: str
    backchannel_logout_uri: str
    acr: str = ACR_PHONE

    @property
    def sector(self) -> str:
        """What pairwise subjects are made for (OpenID Connect Core section 8.1)."""
        return str(urlsplit(self.redirect_uri).hostname)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the redirect."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def takes(self, acr: str, wanted: tuple[str, ...] = ()) -> bool:
        """Is this sign-in strong enough, for the site and for the levels that a request named?"""
        level = LEVELS.index(acr)
        named = [LEVELS.index(one) for one in wanted if one in LEVELS]
        return level >= LEVELS.index(self.acr) and (not named or level >= min(named))


OF_REGISTERED = (
    select(sites).join(terminals, terminals.c.terminal_id == sites.c.client_id).where(terminals.c.state == "valid")
)


def site_of(engine: Engine, client_id: str, *, revoked: bool = False) -> Site | None:
    """The site, if it is registered; one that was revoked only for who has to tell it something."""
    wanted = select(sites) if revoked else OF_REGISTERED
    with engine.connect() as connection:
        row = connection.execute(wanted.where(sites.c.client_id == client_id)).one_or_none()
    return Site(**row._mapping) if row is not None else None


def all_sites(engine: Engine) -> tuple[Site, ...]:
    """Every site that is registered and not revoked, in the order of their identifiers."""
    with engine.connect() as connection:
        rows = connection.execute(OF_REGISTERED.order_by(sites.c.client_id)).all()
    return tuple(Site(**row._mapping) for row in rows)


def register_site(engine: Engine, site: Site, jwk: dict[str, object], *, revive: bool = False) -> None:
    """Let a site sign people in, or replace it. ValueError for addresses that are not https (http on loopback only),
    for a site that was revoked (without `revive`), and for another client's id.
    """
    for address in (site.redirect_uri, site.initiate_login_uri, site.backchannel_logout_uri):
        parts = urlsplit(address)
        if parts.fragment or (parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost")):
            raise ValueError(f"{address} must be https and have no fragment.")
    with writing(engine) as connection:
        demand_admissible(connection, site.client_id, "site", revive=revive)
        put(connection, site.client_id, "site", jwk)
        connection.execute(delete(sites).where(sites.c.client_id == site.client_id))
        connection.execute(insert(sites).values(**vars(site)))
