"""The lecture, alive: what the learning pages share (``lesson``), and the parts of each page in a folder of its own."""
