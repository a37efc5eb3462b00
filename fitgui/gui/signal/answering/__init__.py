"""Asking for the answer to a draft, and showing it: the verdict, what is noticed, the words for both."""
