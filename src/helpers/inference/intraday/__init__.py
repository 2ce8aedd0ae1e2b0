"""Event studies inside the day."""
