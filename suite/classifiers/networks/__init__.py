"""The classifier networks: one file a network."""
