"""Programs that measure; what they print are ratios, measured side by side in one run."""
