"""The page Train: data and its health, a network and what of it is frozen, numbers, what it takes, and one button."""
