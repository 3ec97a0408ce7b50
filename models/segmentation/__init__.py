"""Who resembles whom: rule segments, RFM and fitted clusters whose ids stay the same from month to month."""
