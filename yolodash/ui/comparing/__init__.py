"""The page Compare: runs side by side, the difference with its spread over the seeds, and the sweep that makes them."""
