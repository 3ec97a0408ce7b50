"""How deliveries become lake partitions and files become tables; no telecom word in here."""
