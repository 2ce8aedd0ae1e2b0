"""The notebooks as a book: executing them, checking their form, rendering them.

Run from the checkout as ``python -m book COMMAND``; not part of the package.
"""

import sys

# Reading notebooks imports a checker of web addresses, whose grammar takes two
# seconds to build and which nothing here calls; its users do without it if absent.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
