"""Interactive activities (H5P): packages taken in, libraries approved, activities listed, and played in isolation."""
