"""OPC UA through asyncua, which nothing else imports: the server of a virtual plant and the link to any plant."""
