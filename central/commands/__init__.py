"""The commands of `bin/central`, by what they are about."""
