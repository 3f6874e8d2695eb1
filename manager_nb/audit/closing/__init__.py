"""WHAT HAPPENED AFTER CLOSING, FILING, SENDING: the lock date's life, and what was done to what was closed, filed, sent."""
