"""Family-planning record of person N, or none. Children's and spouses' numbers can't be real either."""

from datetime import UTC, date, timedelta
from functools import lru_cache
from random import Random

from backend_client.contract.family_planning import Child, FamilyPlanning, Marital, Policy
from central.synthetic.check_digits import id_check_digit
from central.synthetic.contributions import CUTOFF
from central.synthetic.dice import dice
from central.synthetic.person import Person, person, table

ADULT = 18
PROVINCES = ("广东省", "湖南省", "广西壮族自治区", "江西省", "湖北省", "四川省", "河南省")
AREAS = ("440106001001", "430100001001", "450100001001", "360100001001", "420100001001", "510100001001", "410100001001")


def _given(throw: Random, sex: str) -> str:
    return "".join(throw.choice(table("names")["male" if sex == "1" else "female"]) for _ in range(2))


def _spouse(who: Person, throw: Random) -> tuple[str, str]:
    sex, names = "2" if who.sex == "1" else "1", table("names")
    birth = who.birth_date + timedelta(days=throw.randrange(-1500, 1500))
    first17 = f"9901{who.district[4:]}{birth:%Y%m%d}{throw.randrange(900, 998, 2) + (1 if sex == '1' else 0):03}"
    return throw.choice(names["surnames"]) + _given(throw, sex), first17 + id_check_digit(first17)


def _children(who: Person, marriage: date, throw: Random) -> tuple[Child, ...]:
    surname = who.name[0] if "·" not in who.name else throw.choice(table("names")["surnames"])
    children: list[Child] = []
    birth = marriage
    for seq in range(1, throw.choice((0, 1, 1, 1, 2, 2, 3)) + 1):
        birth += timedelta(days=throw.randrange(300, 1600))
        if birth > CUTOFF.date():
            break
        sex = throw.choice(("1", "2"))
        policy = Policy.INSIDE if seq == 1 or birth.year >= 2016 else throw.choice((Policy.INSIDE, Policy.OUTSIDE))
        if seq > 2:
            policy = throw.choice((Policy.OUTSIDE, Policy.NOT_ASSESSED))
        children.append(
            Child(
                seq=seq, name=surname + _given(throw, sex), sex=sex, birth_date=birth, policy=policy,
                reg_no=f"SY{who.district}{birth:%Y}{throw.randrange(10**6):06}",
            )
        )  # fmt: skip
    return tuple(children)


def _marriage_date(who: Person, throw: Random) -> date | None:
    legal = 22 if who.sex == "1" else 20
    day = who.birth_date + timedelta(days=int(365.25 * (legal + throw.random() * 10)))
    return day if day < CUTOFF.date() and throw.random() < 0.85 else None


@lru_cache(maxsize=256)
def family_planning(seed: str, number: int) -> FamilyPlanning | None:
    """The record of person `number`, or None: minors have none, and some adults were never registered."""
    who, throw = person(seed, number), dice(seed, "family-planning", number)
    age = (CUTOFF.date() - who.birth_date).days / 365.25
    if age < ADULT or throw.random() < 0.15:
        return None
    marriage = _marriage_date(who, throw)
    married = (Marital.FIRST_MARRIAGE,) * 7 + (Marital.REMARRIED, Marital.DIVORCED, Marital.WIDOWED)
    marital = throw.choice(married) if marriage else Marital.SINGLE
    with_spouse = marital in (Marital.FIRST_MARRIAGE, Marital.REMARRIED)
    spouse = _spouse(who, throw) if with_spouse else (None, None)
    children = _children(who, marriage, throw) if marriage else ()
    province = throw.randrange(len(PROVINCES))
    issued = date(2016, throw.randint(1, 12), throw.randint(1, 28))
    return FamilyPlanning(
        record_id=f"JS{number:012d}",
        subject_id_no=who.id_no,
        source_unit=f"{who.district_name}{who.street}办事处（测试）",
        theme_code="J001",
        updated_at=CUTOFF.astimezone(UTC),
        is_test=True,
        cert_no=f"JS9901{who.district[4:]}{issued:%Y%m%d}{number % 10000:04}",
        name=who.name,
        sex=who.sex,
        birth_date=who.birth_date,
        id_no=who.id_no,
        marital=marital,
        marriage_date=marriage,
        hukou_addr=f"{PROVINCES[province]}测试市测试路{throw.randint(1, 500)}号",
        hukou_area=AREAS[province],
        live_addr=who.address,
        live_area=f"{who.district}001001",
        spouse_name=spouse[0],
        spouse_id_no=spouse[1],
        spouse_hukou=f"{throw.choice(PROVINCES)}测试市" if with_spouse else None,
        boys=sum(child.sex == "1" for child in children),
        girls=sum(child.sex == "2" for child in children),
        children=children,
        service_cert=f"FW{who.district}{throw.randrange(10**8):08}" if children else None,
        one_child_cert=f"DS{who.district}{throw.randrange(10**8):08}" if len(children) == 1 else None,
        issuer=f"{who.district_name}{who.street}办事处（测试）",
        issue_date=issued,
        expire_date=date(issued.year + 3, issued.month, issued.day),
        operator=f"测{throw.choice('甲乙丙丁')}",
        phone=f"990{throw.randrange(10**8):08}",
        data_cutoff=CUTOFF,
    )
