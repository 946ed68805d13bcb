"""Cryptography that terminal and central share: keys in PKCS#11 tokens. It knows no protocol and no other room."""
