"""The terminal itself: session, services, screens, journal, configuration and the place where all is joined."""
