"""sealdrop: the operators command."""
