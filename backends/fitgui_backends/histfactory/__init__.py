"""HistFactory documents: validation, patches, summary."""
