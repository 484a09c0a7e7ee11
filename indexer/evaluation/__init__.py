"""How good answers are: questions with known answers, what is found for them, measures of it, and their comparison."""
