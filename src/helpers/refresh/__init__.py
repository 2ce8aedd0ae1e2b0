"""Bringing in newer prices: asked for politely, checked, written all or nothing."""
