"""Co-simulation orchestrator for bioprocess digital twins."""

