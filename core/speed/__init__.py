"""What is there for the worst day: pages kept, questions prepared, a door before Django."""
