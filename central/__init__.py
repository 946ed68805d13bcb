"""The reference central platform: a working stand-in for the city's, and the contract's server side."""
