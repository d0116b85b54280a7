"""The heavy half of ``cd``: network, training, sampling. Imported when something is built, never to plan."""
