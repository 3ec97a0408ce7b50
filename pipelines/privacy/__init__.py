"""What protects people: the register of who looked and why, erasure, retention, exports and the size of groups."""
