"""The reference solutions, one literate script for each homework. Students never get them."""
