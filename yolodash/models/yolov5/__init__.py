"""YOLOv5, releases 3.0 to 7.0: reading its checkpoints without running them, and the network itself.

From file to network: ``container`` finds the pickle and the tensors, ``opcodes`` interprets the pickle with what
``allowed`` permits, ``checkpoint`` and ``modules`` take names, anchors and a ``plan`` of the layers from it,
``architecture`` builds that plan. Only the last one imports torch.
"""
