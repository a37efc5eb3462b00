"""Signal yields of one's own, from a form or a file, as patches on a published workspace; no Qt."""
