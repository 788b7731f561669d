"""What is handed over to whom a statement is addressed to: papers, tables, a certificate, and who was given it."""
