"""Day 0, windows, normal-return models and the abnormal returns they leave."""
