"""What `make` runs: set-up, the demonstration supervisor, the test run, private PostgreSQL. Standard library only."""
