"""The pages. Views are thin: they parse, call one function, and respond."""
