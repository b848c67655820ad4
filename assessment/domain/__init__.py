"""State changes of assessment: one function, one locked and audited transaction."""
