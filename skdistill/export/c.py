"""Students as C99: one header, no library, no allocation."""

from skdistill.export.c_float import float_body
from skdistill.export.c_header import header
from skdistill.export.c_integer import integer_body
from skdistill.export.c_text import check_prefix


def c_source(student, prefix, feature_names=None, arithmetic="float", X=None):
    check_prefix(prefix)
    if arithmetic=="float":
        body=float_body(student)
    else:
        body=integer_body(student, student._check_rows(X), prefix)
    return header(student, prefix, feature_names, body)
