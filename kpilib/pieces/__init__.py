"""Pieces of pages that a notebook shows in a line: results put into figures and words."""
