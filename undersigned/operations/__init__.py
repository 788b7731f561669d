"""What is done to a site as a whole, before and beside Django: install it, and bring it to another version."""
