"""New pictures from old ones, with boxes that go along: each transform is a function of the picture, its boxes and
its parameters.

``recipe`` how much of what · ``draw`` one picture's parameters by chance · ``mosaic`` four in one · ``affine`` turned,
moved, resized, sheared, in perspective · ``colour`` hue, saturation, value · ``flips`` · ``letterbox`` · ``visible``
which boxes stay.
"""
