"""Pages of cohorts and of a centre. Views read, call one domain function, and answer; they never write models."""
