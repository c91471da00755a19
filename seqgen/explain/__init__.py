"""Looks inside a model: functions that return named arrays, and in exhibits/ what is shown of them.

torch is imported inside functions.
"""
