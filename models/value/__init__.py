"""What a line is worth: margins, realised, potential and model value, and value on any table of transactions."""
