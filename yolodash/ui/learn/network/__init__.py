"""The page Network: from one kernel to a trained network, looked at from inside."""
