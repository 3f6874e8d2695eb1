"""TESTS ON JOURNAL ENTRIES AND DOCUMENTS, after ISA 240 and common practice, by what they look at."""
