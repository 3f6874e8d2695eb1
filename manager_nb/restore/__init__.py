"""BACK: bringing a business, or parts of it, back from a backup."""
