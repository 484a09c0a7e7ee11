"""What stands in front of the endpoints: checks that need no protocol, in the order in which a request meets them."""
