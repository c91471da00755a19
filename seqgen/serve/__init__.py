"""The HTTP service: models (which runs, opened when they are needed), work/ (threads in which requests are worked on together),
service (what protocols call), protocols/ (one adapter each), web/ (who may ask, the application, its process).

Starlette and uvicorn are the extra `seqgen[serve]`; torch is never loaded.
"""
