"""Start-up and mature weights on the same people, and every point between them, exactly."""

from kpilib.stages.blending import blend
from kpilib.stages.compare import Stages, compare_stages
from kpilib.stages.moving import Plan, equal_steps, plan
from kpilib.stages.path import StagePath, stage_path
from kpilib.stages.position import Position, position

__all__ = [
    "Plan",
    "Position",
    "StagePath",
    "Stages",
    "blend",
    "compare_stages",
    "equal_steps",
    "plan",
    "position",
    "stage_path",
]
