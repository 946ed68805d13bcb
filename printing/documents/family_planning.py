"""计划生育信息凭证 and its slip: holder, spouse, children, certificate. Contraception is not in the record."""

from backend_client.contract.family_planning import Child, FamilyPlanning
from backend_client.contract.masking import masked_id, masked_name
from printing.declaration import A4, BOTH, SLIP, Column, Declaration, Field, Fields, Row, Table, Word

NOTES = ("note_family_law", "note_registration", "note_validity")


def family_planning(record: FamilyPlanning) -> Declaration:
    """All sections of the certificate."""
    children = tuple(record.children)
    sections = (_holder(record), _spouse(record), _children(children), _slip_children(children), _certificate(record))
    return Declaration(record.name, sections, NOTES)


def _holder(record: FamilyPlanning) -> Fields:
    return Fields(
        "holder",
        (
            Field("name", record.name, BOTH, masked_name(record.name)),
            Field("id_no", record.id_no, BOTH, masked_id(record.id_no)),
            Field("sex", Word("sex", record.sex), BOTH),
            Field("birth_date", record.birth_date, BOTH),
            Field("marital", Word("marital", record.marital.value), BOTH),
            Field("marriage_date", record.marriage_date, BOTH),
            Field("boys", str(record.boys), BOTH),
            Field("girls", str(record.girls), BOTH),
            Field("hukou_addr", record.hukou_addr, wide=True),
            Field("live_addr", record.live_addr, wide=True),
            Field("hukou_area", record.hukou_area),
            Field("live_area", record.live_area),
        ),
    )


def _spouse(record: FamilyPlanning) -> Fields:
    return Fields(
        "spouse",
        (
            Field("spouse_name", record.spouse_name),
            Field("spouse_id_no", record.spouse_id_no),
            Field("spouse_hukou", record.spouse_hukou, wide=True),
        ),
    )


def _children(children: tuple[Child, ...]) -> Table:
    columns = (
        Column("seq", 8, "centre"),
        Column("name", 22, "centre"),
        Column("sex", 10, "centre"),
        Column("birth_date", 18, "centre"),
        Column("policy", 18, "centre"),
        Column("reg_no", 30, "centre"),
    )
    return Table("children", columns, tuple(map(_child, children)), empty="no_children", on=A4)


def _child(child: Child) -> Row:
    return (
        str(child.seq), child.name, Word("sex", child.sex), child.birth_date,
        Word("policy", child.policy.value), child.reg_no,
    )  # fmt: skip


def _slip_children(children: tuple[Child, ...]) -> Table:
    """Order, sex and day of birth: no child's name is on a slip."""
    columns = (Column("seq", 1, slip=8), Column("sex", 1, "centre", 20), Column("birth_date", 1, "right", 20))
    rows = tuple((str(child.seq), Word("sex", child.sex), child.birth_date) for child in children)
    return Table("children", columns, rows, empty="no_children", on=SLIP)


def _certificate(record: FamilyPlanning) -> Fields:
    return Fields(
        "certificate",
        (
            Field("cert_no", record.cert_no, BOTH),
            Field("service_cert", record.service_cert, BOTH),
            Field("issue_date", record.issue_date, BOTH),
            Field("expire_date", record.expire_date, BOTH),
            Field("one_child_cert", record.one_child_cert),
            Field("cert_issuer", record.issuer, BOTH),
            Field("operator", record.operator),
            Field("phone", record.phone),
        ),
    )
