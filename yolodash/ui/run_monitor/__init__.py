"""The page Runs: watch a training while it goes on, and keep order among what was done."""
