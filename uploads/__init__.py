"""The post office: what is due, the client of the upper platform, receipts."""
