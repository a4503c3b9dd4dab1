"""`khata bench`: how quick this machine's Khata is, beside one transaction a request."""
