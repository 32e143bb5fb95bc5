"""The person-ID check 人证核验 (7.10.2): the live picture beside the card's, the score, and a second person's review."""
