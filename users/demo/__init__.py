"""What ``manage.py demo`` needs to let a newcomer send a real message within a minute."""
