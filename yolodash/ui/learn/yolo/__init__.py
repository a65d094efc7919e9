"""The page YOLO, a step a module: ``subject`` picture and model, ``stage`` what the steps share in the browser."""
