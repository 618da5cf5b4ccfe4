"""Settings, lifespan, bus, postgres, logs. No word of the domain."""
