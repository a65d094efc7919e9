"""What a network is told about its answers: who is responsible for which object, and how wrong the answer is.

``yolov1`` the lecture's five terms · ``yolov3`` one anchor an object · ``yolov5`` every anchor of a like shape, and the
cells beside it. Pure functions of raw maps and targets; the loop is elsewhere.
"""
