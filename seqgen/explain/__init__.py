"""Looks inside a model: functions that return named arrays, which draw/ draws. torch is imported inside functions."""
