"""The page Data sets: bring pictures in, look through them, check, divide, freeze and take away.

``page`` puts it together · ``listing`` what a data set holds, quickly · ``filters`` which pictures, in which order ·
``gallery`` and ``grid`` the pictures themselves · ``bringing`` uploads, video, camera, scenes, paths · ``arriving``
how far that is · ``health``, ``mending``, ``verdicts`` · ``parts``, ``versions``, ``taking_away`` · ``housekeeping``.
"""
