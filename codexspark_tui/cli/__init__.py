"""cli/: the command line. Commands parse options, build one request and call one action."""
