"""What every part may use: settings, errors, logging, clock, and the doors to database, cache, objects and jobs."""
