"""FMUs on other machines: a server that hosts them in processes, and instances that reach them over ZeroMQ."""
