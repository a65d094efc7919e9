"""From detections and truth to precision, recall, AP and mAP. NumPy alone: scoring files never loads torch.

``tables`` flat arrays of all boxes · ``files`` COCO's two files as tables · ``overlap`` IoU in float64 · ``matching``
which detection answers which truth · ``curves`` precision, recall and the area under them · ``conventions`` what COCO,
VOC and YOLOv5 each mean by AP · ``report`` all of it for one set.

What a page takes apart: ``points`` thinned curves and TP, FP, FN · ``stepping`` how AP is made · ``confusion`` which
class was taken for which · ``mistakes`` what went wrong · ``breakdown`` size, proportions, IoU, calibration ·
``compare`` two models.

Only ``running``, a model over a data set, and ``rectangles``, its input as YOLOv5's validation makes it, need torch.
"""
