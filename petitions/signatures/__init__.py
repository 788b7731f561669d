"""Who signs: the form, the numbers, what staff do about signatures, paper and meetings."""
