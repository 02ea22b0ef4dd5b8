"""Faults that a study brings about: values that are set for a while, the more wrong the more severe."""
