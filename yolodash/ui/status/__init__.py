"""The page Status, and what watches over the server for it."""
