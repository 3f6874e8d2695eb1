"""The version of manager_nb, in one place."""

__version__ = "0.1.0"
