"""CAN I RELY ON THE TRAIL: how far History reaches, where it breaks and why, and a verdict with its limits."""
