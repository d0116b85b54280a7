"""From results to what people look at; pure functions of results and artifacts."""
