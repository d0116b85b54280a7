"""What builds missing artifacts: in worker processes on this machine, or on a cluster."""
