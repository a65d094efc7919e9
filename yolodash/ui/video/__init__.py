"""The page Detect – video: a run over a video, and a player that thresholds and draws in the browser."""
