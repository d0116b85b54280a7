"""Result models, and reading them from the store."""
