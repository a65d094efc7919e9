"""The page Augment: pictures changed by chance, what that does to their boxes, and a data set made of them."""
