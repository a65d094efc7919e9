"""A live camera: the browser sends one small picture at a time, and a model answers with its boxes."""
