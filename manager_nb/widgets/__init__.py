"""What the accountant touches: panels in notebooks, each over one engine."""
