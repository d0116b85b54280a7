"""Planning: cases and profiles become recipes, without reading images."""
