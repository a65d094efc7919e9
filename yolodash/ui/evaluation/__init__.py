"""The page Evaluate: numbers that can be taken apart.

``source`` what is evaluated · ``measured`` matches and counts, kept · ``curve`` numbers of the precision–recall picture
``boxes`` the boxes behind a number · ``requests`` from a click to them · ``opened`` boxes on their pictures
``working_point`` the curve and its thresholds, in the browser · ``charts`` the other pictures · ``stepper`` how AP is
made · ``mistakes`` what went wrong · ``comparison`` two sets of detections · ``downloads`` what one can take away
``thresholds``, ``controls`` what the reader sets · ``page`` all of it in order.
"""
