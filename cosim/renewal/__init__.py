"""The loop of model operations: a model validated, its surrogate trained and weighed, a release proposed."""
