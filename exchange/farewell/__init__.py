"""A closed statement as one folder of plain pages that outlives the server."""
