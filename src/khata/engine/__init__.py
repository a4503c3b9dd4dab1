"""The engine: batches of commands are loaded, decided and written in one durable commit."""
