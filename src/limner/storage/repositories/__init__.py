"""What is kept, and how it is found again: one repository a kind."""
