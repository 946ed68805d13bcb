"""Screens: one module each, drawn from state alone. They post events and know neither each other nor the runtime."""
