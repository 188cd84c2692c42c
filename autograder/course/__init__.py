"""Tools of those who teach: build the notebooks, verify the course, show it with a class."""
