"""Profiles: compute budgets, one TOML file for each, and the models that validate them."""

from suite.planning.profiles.profile import Budget, Profile, load_profile, profile_names

__all__ = ["Budget", "Profile", "load_profile", "profile_names"]
