"""Loads the suite's pytest plugin for every test below this directory."""

pytest_plugins = ["suite.plugin"]
