"""Reads SQLite files that SQLite itself cannot: page by page, believing nothing that the bytes do not bear out."""
