"""A data set without end whose truth is known: rendered blocks on a plane, and questions about them.

``blocks`` what a scene is · ``sampling`` scenes by chance · ``shapes`` where a ray meets a block · ``rendering`` light,
shadow and pixels · ``truth`` boxes and relations · ``questions`` programs and answers · ``graph`` a scene in words and
numbers · ``writing`` a data set on disk.

The idea of such pictures is CLEVR's (Johnson et al., 2017), which the lecture shows under "Visual Reasoning".
"""
