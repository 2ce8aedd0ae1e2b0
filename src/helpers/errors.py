"""The package's exceptions: few, and each says what to do next.

Every error that a user can cause derives from :class:`HelpersError`, so one
``except`` clause catches them all and nothing else.
"""


class HelpersError(Exception):
    """Base of every error that this package raises on purpose."""


class DataError(HelpersError):
    """A data file is missing, altered or breaks a rule of the codebook.

    The message names the file and, where there is one, the row and field.
    """


class CalendarError(HelpersError):
    """A date, exchange or announcement instant does not fit the calendars."""


class StudyError(HelpersError):
    """A study was asked for that the returns, events or windows cannot give."""


class RateLimited(DataError):
    """Yahoo refuses further questions for now; the prices at hand stay."""


class SymbolUnavailable(DataError):
    """Yahoo gave no usable answer for a symbol, though it could be reached."""


class IncompleteSessions(DataError):
    """New prices lack sessions that the exchange held, or have some twice."""


class ChangedHistory(DataError):
    """New prices do not continue the history at hand, or are of something else."""


class NoNetwork(DataError):
    """Yahoo could not be reached; the prices at hand stay."""
