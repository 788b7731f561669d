"""What carries a statement elsewhere: links, pictures, feeds, foreign pages, paper."""
