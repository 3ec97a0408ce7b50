"""What analysts query: one folder per business module, one SQL file per table."""
