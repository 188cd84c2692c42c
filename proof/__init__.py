"""Evidence for what the course claims: scripts to run again, and to doubt."""
