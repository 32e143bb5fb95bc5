"""Archives of people and vehicles nobody registered, and what they suggest."""
