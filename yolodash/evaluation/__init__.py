"""From detections and truth to precision, recall, AP and mAP. NumPy alone: scoring files never loads torch.

``tables`` flat arrays of all boxes · ``overlap`` IoU in float64 · ``matching`` which detection answers which truth ·
``curves`` precision, recall and the area under them · ``conventions`` what COCO, VOC and YOLOv5 each mean by AP ·
``report`` all of it for one set.
"""
