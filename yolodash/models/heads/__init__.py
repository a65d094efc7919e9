"""Grid, anchors and decode rules: from a network's raw numbers to boxes, generation by generation.

Every head has its decode rule in a module of its own; ``decode`` chooses by the head's kind. Raw maps have the shape
``(B, A, h, w, 5 + C)``; v1's flat output is brought into it by ``detection.arrange``.
"""
