"""An FMU in a process of its own does the same as inline, bit for bit, and its death is not ours."""
