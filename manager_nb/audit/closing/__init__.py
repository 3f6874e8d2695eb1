"""AFTER CLOSING, FILING, SENDING: the lock date, and what was done to what was closed, filed or sent."""
