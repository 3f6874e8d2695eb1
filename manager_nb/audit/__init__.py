"""WHAT CHANGED: two businesses held against each other, and the changes that match a question."""
