"""Engines: they build missing artifacts, in worker processes on this machine or on a Ray cluster."""
