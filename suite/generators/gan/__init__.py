"""The heavy half of ``biggan``: networks, training, sampling. Imported when something is built, never to plan."""
