"""The terminal's side of the contract: sign-in, records, issuing. Import from `central` and `errors` below."""
