"""Record values of a good generation-3 card, by tag."""

GOOD: dict[int, bytes] = {
    0x01: bytes.fromhex("4401" + "5A" * 14), 0x02: b"3", 0x03: b"3.00", 0x04: bytes(12),
    0x05: bytes.fromhex("20160301"), 0x06: bytes.fromhex("20260301"), 0x07: b"T00000001", 0x08: b"990106198504120014",
    0x09: "测甲".encode("gbk").ljust(30, b"\0"), 0x0A: b"1", 0x0B: b"\x01", 0x0C: bytes.fromhex("990106"),
    0x0D: bytes.fromhex("19850412"),
}  # fmt: skip
