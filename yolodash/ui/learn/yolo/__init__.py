"""The page YOLO, a step a module: ``subject`` the picture and the model, ``stage`` what the steps share in the browser."""
