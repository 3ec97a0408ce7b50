"""What each source system delivers for a business day: clean rows, columns as the system names them."""
