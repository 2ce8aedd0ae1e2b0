"""Tests, intervals, placebo dates and power for abnormal returns."""
