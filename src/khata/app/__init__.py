"""Scripts that wait on the outside world."""
