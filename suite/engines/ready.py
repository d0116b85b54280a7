"""Imported last by the server that builds are forked from: what every build needs is done here, once for them all."""

import gc

import suite.engines.worker  # noqa: F401
from suite.engines.build import versions

versions()
gc.freeze()  # no build's collector looks at, and so copies, what it shares with the server
