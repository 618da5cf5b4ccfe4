"""What a source meets: public pages without script, intake and inbox."""
