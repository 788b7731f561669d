"""The pages of statements themselves."""
