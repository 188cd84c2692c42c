"""What runs in the sandbox: nothing here is trusted, nor needed by the grader itself."""
