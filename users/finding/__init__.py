"""Where the mail of a domain lives, as the domain name system tells everybody."""
