"""Back up, restore and audit Manager.io business files."""
