"""Figures and notebook output: one style, alt text and captions throughout."""
