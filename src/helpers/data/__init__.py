"""Files, calendars, prices and the event ledger: read, checked, never guessed."""
