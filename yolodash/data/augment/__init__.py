"""New pictures from old ones, with boxes that go along: each transform is a function of the picture, its boxes and
its parameters, and gives both back.

``recipe`` how much of what · ``chance`` one picture's parameters · ``letterbox`` to the network's size · ``mosaic``
four in one · ``affine`` turned, moved, resized, sheared, aslant · ``colour`` hue, saturation, value · ``flips`` ·
``boxes`` which of them stay · ``example`` all in their order.
"""
