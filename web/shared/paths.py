"""Where pages are, for those that link to them."""

ROOT = "/my"
"""The customer's pages."""
