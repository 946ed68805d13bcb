"""The HTTP side of the contract; thin handlers over identity, records and issuing."""
