"""Ways to share a statement: links, pictures, feeds, embeds, paper."""
