"""What you would plug in: a social-security card, a thermal printer, an A4 printer. They import nothing of ours."""
