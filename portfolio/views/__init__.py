"""The trainee's portfolio pages. Views read, call one domain function, and answer; they never write models."""
