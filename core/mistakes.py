"""What one row or one chore may get wrong without stopping its neighbours.

Listed by name: a database that is away, a full disk or an interrupt is nobody's mistake and must reach whoever can wait
or stop. Source of the lesson: Zulip's queue of scheduled mail, where one poisonous message held up all (SAFETY 2.2).
"""

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist, SuspiciousOperation
from django.db import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.urls import NoReverseMatch

MISTAKES = (
    # in our code, or in data it did not expect
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
    # in what Django was asked for
    MultipleObjectsReturned,
    NoReverseMatch,
    ObjectDoesNotExist,
    SuspiciousOperation,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    # in what the database was asked for
    DataError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ProgrammingError,
)
