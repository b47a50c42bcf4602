"""From photo bytes to a prediction: labels, decoding, artefacts, engines, batching, worker and queue."""
