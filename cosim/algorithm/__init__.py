"""One co-simulation algorithm per file, each a value with ``init`` and ``step``."""
