"""FOR SCRIPTS: the commands that look into the past and bring it back."""
