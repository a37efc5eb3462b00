"""What a user takes away: submissions for HEPData, tables of contours, scripts, figures, reports."""
