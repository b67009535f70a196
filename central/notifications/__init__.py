"""What is told, in words, and its way to people."""
