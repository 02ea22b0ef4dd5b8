"""From a flat model to C: classification, sorting, events, derivatives, code."""

from cosim.build.compiler.compile import compile_model

__all__ = ["compile_model"]
