"""A COPY AND ITS PROOF: backups with choices, a manifest, and verification."""
