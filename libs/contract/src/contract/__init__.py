"""What crosses a border between services: messages, topology, limits, states, audit events. Pure."""
