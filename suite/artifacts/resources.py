"""What a build takes up while it runs: what a cluster has to know to place it."""

from pydantic import BaseModel, ConfigDict, Field

GIB = 2**30


class ResourceRequest(BaseModel):
    """What one build takes up, at the most; in no key, for it changes no byte.

    Attributes:
        cpus: Cores. A step that says how it computes takes as many as it has threads, whatever stands here.
        gpus: Share of a GPU where one is computed on; 0 for a step that never touches the device.
        memory: Bytes of main memory, the imported libraries included.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpus: float = Field(0.5, ge=0)
    gpus: float = Field(0.0, ge=0)
    memory: int = Field(1 * GIB, ge=0)


TRAINING = ResourceRequest(cpus=1, gpus=1, memory=4 * GIB)
SAMPLING = ResourceRequest(cpus=1, gpus=1, memory=4 * GIB)
PIPELINE = ResourceRequest(cpus=1, gpus=1, memory=16 * GIB)  # weights of gigabytes are read into main memory first
INFERENCE = ResourceRequest(cpus=1, gpus=0.25, memory=4 * GIB)
ARITHMETIC = ResourceRequest(cpus=1, memory=4 * GIB)
DECODING = ResourceRequest(cpus=1, memory=2 * GIB)
