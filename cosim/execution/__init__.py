"""Running an experiment: phases, events, streams, conservation ledger, observers."""
