"""Which libraries there are, in which versions, and which one a name means."""
