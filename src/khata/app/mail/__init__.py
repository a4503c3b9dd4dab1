"""E-mail: letters are wished for in a transaction, and sent one by one by the worker."""
