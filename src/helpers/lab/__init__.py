"""The lab: one event at a time, looked at from every side by whoever asks."""
