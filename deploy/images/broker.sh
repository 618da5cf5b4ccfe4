#!/bin/sh
# RabbitMQ in its container: all it knows comes from the mounted configuration and definitions.
set -eu
export HOME=/data RABBITMQ_HOME=/usr/lib/rabbitmq RABBITMQ_NODENAME=rabbit@localhost
export RABBITMQ_MNESIA_BASE=/data/mnesia RABBITMQ_LOG_BASE=/data/log RABBITMQ_LOGS=- RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_CONFIG_FILE=/etc/sealdrop/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=/etc/sealdrop/enabled_plugins
export ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
exec /usr/lib/rabbitmq/bin/rabbitmq-server
