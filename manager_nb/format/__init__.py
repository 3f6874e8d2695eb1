"""THE FILE: bytes to values and back. Containers, SQLite, protobuf wire, schema, blobs."""
