"""The ways out: one transport for each method, on the common base in ``base.py``."""
