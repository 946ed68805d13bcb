"""CMAC with SM4 over GmSSL's cipher: what the code under test has no part in."""

import gmssl_pyx


def cmac_by_gmssl(key: bytes, data: bytes) -> bytes:
    """RFC 4493 over GmSSL's SM4."""

    def blocks(clear: bytes) -> bytes:
        return bytes(gmssl_pyx.sm4_cbc_padding_encrypt(key, bytes(16), clear)[: len(clear)])

    subkey = doubled(blocks(bytes(16)))
    last = data[(len(data) - 1) // 16 * 16 :] if data else b""
    if len(last) < 16:
        subkey, last = doubled(subkey), (last + b"\x80").ljust(16, b"\0")
    masked = bytes(a ^ b for a, b in zip(last, subkey, strict=True))
    return blocks(data[: (len(data) - 1) // 16 * 16 if data else 0] + masked)[-16:]


def doubled(block: bytes) -> bytes:
    """RFC 4493 section 2.3."""
    number = int.from_bytes(block, "big") << 1
    return ((number ^ 0x87 if number >> 128 else number) & (1 << 128) - 1).to_bytes(16, "big")
