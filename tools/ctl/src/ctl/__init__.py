"""sealdrop: the operator command."""
