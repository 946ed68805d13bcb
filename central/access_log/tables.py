"""Tables of the access log: lines that are only ever added, the head of each chain, heads that were signed, places."""

from sqlalchemy import Column, Float, Index, Integer, String, Table

from central.storage import metadata

lines = Table(
    "access_lines", metadata,
    Column("shard", Integer, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("person", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("body", String(2000), nullable=False),  # what the chain covers, JSON
    Column("chain", String(64), nullable=False),
    Index("access_lines_of_person", "person", "number"),
)  # fmt: skip
heads = Table(
    "access_heads", metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("signed_number", Integer, nullable=False),
    Column("signed_at", Float, nullable=False),
)  # fmt: skip
signed_heads = Table(
    "access_signed_heads", metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("jws", String(600), nullable=False),
)  # fmt: skip
client_places = Table(
    "client_places", metadata,
    Column("client_id", String(40), primary_key=True),  # terminal, or a department's service
    Column("zh", String(60), nullable=False),
    Column("en", String(60), nullable=False),
)  # fmt: skip
