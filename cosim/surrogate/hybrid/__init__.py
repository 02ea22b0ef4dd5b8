"""Networks inside mechanistic models: what they see, give and correct, their packages, and such a model running."""
