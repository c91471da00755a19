"""The HTTP service: models (which runs, opened when they are needed), translating and writing (threads in which requests are
worked on together), service (what protocols call), protocols/ (one adapter each), gate (who may ask), app and process.

Starlette and uvicorn are the extra `seqgen[serve]`; torch is never loaded.
"""
