"""The page Reasoning: questions about a scene, and the programs that answer them."""
