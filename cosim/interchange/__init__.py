"""Systems passed to other tools and taken from them: System Structure and Parameterization (SSP)."""
