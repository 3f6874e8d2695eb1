"""WHEN: the order in which things happened, and the business as at an instant, with a certificate."""
