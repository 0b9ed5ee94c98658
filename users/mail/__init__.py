"""Putting messages together and sending them. Nothing in here knows a model, a request or a settings row."""
