"""The application: each user's e-mail settings, kept, proved and used."""
