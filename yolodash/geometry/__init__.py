"""Boxes and what can be computed of them: formats, overlap, suppression, letterboxing. Plain torch tensors."""
