"""Commands: each parses, calls one function, and prints or renders what comes back."""
