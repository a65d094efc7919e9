"""The page Convolution: a window that steps over numbers, and kernels on pictures."""
