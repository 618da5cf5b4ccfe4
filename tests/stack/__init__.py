"""Private servers for tests: PostgreSQL and RabbitMQ on free loopback ports, without root's rights, stopped by pid."""
