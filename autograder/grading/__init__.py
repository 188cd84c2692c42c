"""Grade submissions: strangers' code runs in a sandbox, and the tests outside of it."""
