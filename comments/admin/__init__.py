"""Staff pages of comments."""
