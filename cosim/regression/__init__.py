"""Is a run still what it was: two runs compared, suites of comparisons, and the baselines they go by."""
