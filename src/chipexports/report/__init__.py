"""Reports of a run in HTML, PDF and Word, its figures in one archive, and what changed between two runs."""
