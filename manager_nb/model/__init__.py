"""WHAT IT MEANS: a business with its records, history, e-mails and attachments, as tables."""
