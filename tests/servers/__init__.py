"""Stand-ins for the servers of others. They play the server's part and know nothing of our code."""
