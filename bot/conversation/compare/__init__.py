"""/compare: what tells two breeds apart."""
