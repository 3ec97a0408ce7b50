"""What sets a segment apart, in words: the features whose mean is farthest from that of all, in standard deviations."""

FAR, NOTICEABLE = 1.0, 0.4
SHOWN = 2


def words(deviation: float) -> str:
    """How far a mean is from that of the base."""
    if abs(deviation) < NOTICEABLE:
        return "like all"
    return ("far " if abs(deviation) >= FAR else "") + ("above" if deviation > 0 else "below")


def name_of(profile: dict[str, float]) -> str:
    """A name such as 'much data_gb, little voice_minutes'; 'like all' for a segment that nothing sets apart."""
    order = sorted(profile.items(), key=lambda one: (-abs(one[1]), one[0]))
    parts = [
        f"{'much' if deviation > 0 else 'little'} {name}" for name, deviation in order if abs(deviation) >= NOTICEABLE
    ]
    return ", ".join(parts[:SHOWN]) or "like all"
