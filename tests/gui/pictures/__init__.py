"""How ``make screenshots`` drives the real window, and what it looks at in every picture that it takes."""
