"""One person behind several customer records: how the weights of core.identity_weight are fitted."""
