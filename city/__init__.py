"""This city, as the terminal has to know it: another city replaces this file and nothing else (decision 0040).

Facts only: it imports no room, opens nothing, decides nothing. How to replace it: docs/connecting-a-city.md.
Not here: what differs from machine to machine (the configuration), and levels of assurance (`acr`), which the terminal
hands on without reading them.
"""

from datetime import timedelta, timezone
from enum import StrEnum
from pathlib import Path

# Names and numbers that holders read; a platform's English name begins sentences.
# The texts take them as {terminal_name}, {platform}, {hotline}.
WORDS = {
    "zh": {"terminal_name": "一卡通自助终端", "platform": "政务平台", "hotline": "12345"},
    "en": {"terminal_name": "OneCard Terminal", "platform": "The city's platform", "hotline": "12345"},
}
PIN_COUNTER = {"zh": "社保卡服务窗口，或拨打 12333", "en": "a social-security card counter, or dial 12333"}
"""Where a PIN is unblocked; a district's configuration may say it more exactly."""

ZONE = timezone(timedelta(hours=8), "CST")
"""The time that stands on paper; the machine's own clock may be set to another."""

DISTRICTS = {
    "liwan": "440103", "yuexiu": "440104", "haizhu": "440105", "tianhe": "440106", "baiyun": "440111",
    "huangpu": "440112", "panyu": "440113", "huadu": "440114", "nansha": "440115", "conghua": "440117",
    "zengcheng": "440118",
}  # fmt: skip
"""What `[terminal] district` may say, and its code in GB/T 2260."""

# Whom the terminal believes. Files beside the configuration; absolute when they are shipped with this module.
SEAL_KEYS = Path("seal-keys.json")
PLATFORM_CA: str | None = None
"""PEM of the CA behind the platform's TLS certificate; None: the system's CAs."""


class Endpoint(StrEnum):
    """Paths at the platform (docs/protocol.md). The audience of assertions is the platform's own name, or TOKEN's."""

    HEALTH = "/healthz"
    TIME = "/time"
    CHALLENGE = "/card/challenge"
    TOKEN = "/token"
    REVOKE = "/revoke"
    PHONE_SIGN_IN = "/device_authorization"
    ENROLMENT = "/.well-known/est"
    CONTRIBUTIONS = "/api/v1/contributions"
    FAMILY_PLANNING = "/api/v1/family-planning"
    DOCUMENTS = "/api/v1/documents"
    ACCOUNT = "/api/v1/account"
    ACCESS_LOG = "/api/v1/access-log"
    SITES = "/api/v1/sites"
    OPEN_SITE = "/api/v1/sites/open"


class Scope(StrEnum):
    """What the terminal asks tokens for."""

    TERMINAL = "terminal"
    ATTENDANT = "attendant"
    SOCIAL = "social"
    FAMILY = "family"


# The card. The application's name is that of LD/T 32; keys, files and PIN coding are the city's (decision 0003).
CARD_APPLICATION = "sx1.sh.社会保障".encode("gbk")
CARD_GENERATIONS = (2, 3)
"""In use. Generation 1 has no PIN in use and no key for us."""
CARD_PIN = "ascii"
"""A name of card/pin.py's table; a machine's configuration may say another."""
CARD_ES256 = (0x01, 0x01, 0xEF15)
"""Algorithm and key reference of MANAGE SECURITY ENVIRONMENT, and the file of the certificate."""
CARD_SM2 = (0x02, 0x02, 0xEF16)
CARD_INTERNAL_KEY, CARD_EXTERNAL_KEY = 0x01, 0x02
TEST_IDENTITY, RESERVED_IDENTITY = "9901", "99"
"""Identity numbers of test cards, and the wider range that no real card has."""
