"""Networks: their layers, heads and files. Importing this package does not import torch."""
