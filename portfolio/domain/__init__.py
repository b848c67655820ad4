"""State changes of the portfolio: one function, one locked and audited transaction."""
