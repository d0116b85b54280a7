"""The ``suite`` command line, apart from the benchmark itself, which is ``pytest cases/``."""
