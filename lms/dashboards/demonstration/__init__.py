"""The demonstration: made-up people and their made-up work, written through the product's own acts."""
