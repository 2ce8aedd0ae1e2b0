"""The notebooks as a book: executing them, checking their form, rendering them.

Run from the checkout as ``python -m book COMMAND``; not part of the package.
"""
