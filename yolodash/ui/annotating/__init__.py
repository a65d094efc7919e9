"""The page Annotate: which picture, the canvas, what becomes of its changes, and what stands around it."""
