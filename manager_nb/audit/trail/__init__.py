"""CAN I RELY ON THE TRAIL: how far History reaches, where it breaks and why, and a verdict with its limits."""

from manager_nb.audit.trail.verdict import Verdict, verdict_of

__all__ = ["Verdict", "verdict_of"]
