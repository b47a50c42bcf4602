"""Photos through a frozen network, once: extractors, the cache of their rows, PCA."""
