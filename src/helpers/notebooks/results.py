"""The README's finding, as the site takes it over."""

from __future__ import annotations

import re

from helpers.errors import HelpersError

FIGURE_FILE = "notebooks/images/late-august.png"
README_FILE = "README.md"
START, END = "<!-- finding: written by code -->", "<!-- end of finding -->"
_BLOCK = re.compile(f"{re.escape(START)}\n(.*?){re.escape(END)}", re.DOTALL)


def finding_in(readme: str) -> str:
    """The finding that a README states.

    Raises
    ------
    HelpersError
        If the README lacks the two markers around it.
    """
    found = _BLOCK.search(readme)
    if not found:
        raise HelpersError(f"{README_FILE} lacks the lines {START} and {END}.")
    return found[1].strip("\n")
