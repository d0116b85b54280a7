"""Result models, reading them from the store, and bundles."""
