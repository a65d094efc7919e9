"""The workspace's own data sets: a folder in which nothing that was confirmed is lost.

``truth`` the boxes of a picture, saved with their revision · ``journal`` what happened, a line a change · ``classes``
whose ids never move · ``pictures`` that came in, as they came · ``parts`` train, val and test · ``versions`` that never
change · ``folders`` whole data sets · ``importing`` from other forms.
"""
