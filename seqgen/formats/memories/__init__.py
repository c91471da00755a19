"""Translation memories and exchange files: pairs with what is known of them."""
