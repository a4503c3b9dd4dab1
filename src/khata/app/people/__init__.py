"""People: organizations, their members and teams, and how they sign in."""
