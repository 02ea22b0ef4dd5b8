"""FMUs in processes of their own: a crash, a hang or a leak ends that process, not the run."""
