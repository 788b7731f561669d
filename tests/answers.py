"""An answer to each optional question of the sign form, for tests: a question without one fails tests/petitions."""

from typing import NamedTuple


class Sample(NamedTuple):
    """What somebody types, how it is kept, how it reads, and what they correct it to."""

    typed: str
    kept: str | bool
    words: str
    corrected: str
    kept_then: str | bool
    words_then: str


SAMPLES = {
    "affiliation": Sample("Mill School", "Mill School", "Mill School", "Nurse", "Nurse", "Nurse"),
    "personal_capacity": Sample("on", True, "Yes", "", False, "No"),
    "postcode": Sample("e1  6an", "E1 6AN", "E1 6AN", "10115", "10115", "10115"),
    "country": Sample("FR", "FR", "France", "CI", "CI", "Côte d’Ivoire"),
    "keep_name": Sample("on", True, "Yes", "", False, "No"),
}
KEPT = {name: sample.kept for name, sample in SAMPLES.items()}
