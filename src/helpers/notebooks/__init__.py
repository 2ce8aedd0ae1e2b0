"""Executing the notebooks and checking what they hold."""
