"""How a row enters the network: dense, sparse or tabular."""
