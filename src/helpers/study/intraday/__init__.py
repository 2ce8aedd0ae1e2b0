"""Returns and models inside the day: periods of five minutes and the night."""
