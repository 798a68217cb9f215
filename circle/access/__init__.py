"""Per place: covered or not, and why; what the answer depends on; the audit in people."""

from circle.access.audit import audit
from circle.access.boundary import metres_to_boundary
from circle.access.doubts import doubt_answers
from circle.access.status import all_services, service_reach

__all__ = ["all_services", "audit", "doubt_answers", "metres_to_boundary", "service_reach"]
