"""Tests of gateway/: real sockets on loopback, the official SDK as client."""
