"""Speed, memory and answer quality, one command each; and the demonstration."""
