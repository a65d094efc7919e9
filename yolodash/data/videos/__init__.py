"""Videos of strangers, read in a process of its own, and written so that browsers play them."""
