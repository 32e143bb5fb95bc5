"""The national ciphers SM2, SM3, SM4: keys, encrypted fields, blind indexes, pictures. No models."""
