"""The staff: users, roles, access, sign-in."""
