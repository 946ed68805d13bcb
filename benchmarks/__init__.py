"""Ratios measured side by side in one run: `bin/benchmark` writes the tables of benchmarks/README.md."""
