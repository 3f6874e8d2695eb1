"""MANAGER SERVER AND CLOUD: backups from a server and businesses to it, over HTTP."""
