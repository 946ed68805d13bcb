"""The visit as a pure function: `transition(state, event) -> (state, commands)`. No Qt, no clock, no I/O."""
