"""How a gate joins its site: a code typed once, a key made here, and what central gives for them."""
