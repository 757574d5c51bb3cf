"""Start-up and mature weights on the same people, and every point between them, exactly."""

from kpilib.stages.blending import blend
from kpilib.stages.compare import Stages, compare_stages
from kpilib.stages.path import StagePath, stage_path

__all__ = ["StagePath", "Stages", "blend", "compare_stages", "stage_path"]
