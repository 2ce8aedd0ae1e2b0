"""The rendered book: pages made from notebooks and ledger, built by Sphinx."""
