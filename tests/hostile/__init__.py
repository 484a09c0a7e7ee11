"""A website that does what sites do to harm a crawler, case by case, with what has to become of each."""
