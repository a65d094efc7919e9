"""Readers and writers of label formats, one file each."""
