"""Between the socket and the protocols: who may ask, what a request holds, the application and its process."""
