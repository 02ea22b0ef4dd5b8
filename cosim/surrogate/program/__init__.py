"""A step of a surrogate as a list of operations on numbers in one memory: run by C, exported as ONNX and FMU."""
