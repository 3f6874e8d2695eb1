"""Long tables as people handle them: searched, filtered, sorted, a page at a time, and written out whole."""
