"""Another system's page in a program of its own (decision 0052): it knows nothing of the terminal, its card or its PIN.

Started by `kiosk.site_work`; JSON lines on standard input steer it, and on standard output it says what happens.
"""
