"""The page of the server: files as they are sent, without a build step."""
