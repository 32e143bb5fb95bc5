"""What a person may ask about the data held of him: notices, consents, requests and their deadlines."""
