"""The formats that signal yields come in: one module for each, all of the same form.

``looks_like(text, name)`` says by content whether a file is of that format; ``read(text, name)`` reads it, or
raises :class:`fitgui.reinterpretation.model.SignalError`.
"""
