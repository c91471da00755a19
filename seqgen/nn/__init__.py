"""Networks in torch: no files, no printing, no vocabulary, no loss, no optimiser."""
