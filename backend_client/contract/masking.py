"""How personal data is shortened for screens, slips and codes: one rule for all rooms (services.md section 0)."""


def masked_name(name: str) -> str:
    """The first character, the rest as asterisks (at most two)."""
    return name[:1] + "*" * min(max(len(name) - 1, 0), 2)


def masked_id(id_no: str) -> str:
    """First three and last four characters."""
    return id_no[:3] + "*" * max(len(id_no) - 7, 0) + id_no[-4:]
