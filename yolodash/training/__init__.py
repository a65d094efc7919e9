"""Training: schedule, optimiser, averaged weights, checkpoints, and the loop that puts them together."""
