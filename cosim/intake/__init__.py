"""What an FMU does, found out by trying it in processes of its own, before it is trusted with a run."""
