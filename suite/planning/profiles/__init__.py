"""The budgets a case is run with: one TOML file a profile, and the model that reads them."""

from suite.planning.profiles.profile import Budget, Profile, load_profile, profile_names

__all__ = ["Budget", "Profile", "load_profile", "profile_names"]
