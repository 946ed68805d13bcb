"""The demonstration: real parts started as processes, visits without hands, and the street in a browser."""
