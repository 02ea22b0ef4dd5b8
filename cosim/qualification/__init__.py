"""Installation qualification: what is installed here, whether it is what was published, and whether it works."""
