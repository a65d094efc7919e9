"""Darknet's networks: a ``.cfg`` that describes the layers, a ``.weights`` with their numbers, a ``.names`` of classes.

``cfg`` reads the text, ``sections`` and ``plan`` make a checked plan of it, ``weights`` holds the file against the
plan; all of that without torch. Only then does ``network`` build anything.
"""
