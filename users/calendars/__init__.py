"""Appointments in calendar programs: as files, and in mailboxes. Nothing here knows a model."""
