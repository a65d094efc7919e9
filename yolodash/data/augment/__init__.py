"""New pictures from old ones, with boxes that go along: each transform is a function of the picture, its boxes and
its parameters, and gives both back.

``recipe`` how much of what · ``transforms`` what each number means, its range and its formula · ``chance`` and
``extras`` one picture's parameters · ``steps`` what is done to one picture, in its order, with the matrices.

Where things are: ``letterbox`` to the network's size, ``turns`` by quarters, ``crop``, ``affine`` turned, moved,
resized, sheared, aslant, ``flips`` · their light: ``colour`` hue, saturation, value, ``light`` exposure, contrast,
brightness, grey · what the camera adds: ``camera`` blur, noise, JPEG, ``cutout`` · several pictures: ``mosaic``,
``mixup``.

``boxes`` which of them stay in a training, ``cutting`` and in an enlarged data set · ``example`` a picture for a
training · ``varied`` one for an enlarged data set · ``enlarge`` all of them.
"""
