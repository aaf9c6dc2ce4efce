"""The flow of FastHttpUser with our export: what a user's own locustfile becomes by one line."""

from http_load_flow import FastHttpUser

from load.wiring import wire

__all__ = ["FastHttpUser"]

wire()
