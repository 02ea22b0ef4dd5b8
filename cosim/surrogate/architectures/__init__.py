"""Architectures of surrogates, each a file behind one interface."""
