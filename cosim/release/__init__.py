"""Releases: what may be used for what, with the evidence, signed by people, in a store that keeps everything."""
