"""Private servers for tests: PostgreSQL and RabbitMQ on free loopback ports, as an unprivileged user, stopped by pid."""
