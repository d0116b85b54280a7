"""The commands beside the benchmark itself: what a store holds, and what cases still want of it."""
