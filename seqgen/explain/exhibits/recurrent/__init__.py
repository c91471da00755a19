"""Looks inside recurrent networks: states, gates, gradients."""
