"""Resource requests: the CPUs, GPUs and memory that a build needs while it runs."""

from pydantic import BaseModel, ConfigDict, Field

GIB = 2**30


class ResourceRequest(BaseModel):
    """Upper bounds of what one build needs, so that a cluster can place it. Not part of any key.

    Attributes:
        cpus: CPU cores. A recipe with a ``compute`` field uses its number of threads instead.
        gpus: GPUs if the build runs on GPUs, possibly a fraction of one; 0 for a step that does not use the device.
        memory: Bytes of main memory, including imported libraries.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpus: float = Field(0.5, ge=0)
    gpus: float = Field(0.0, ge=0)
    memory: int = Field(1 * GIB, ge=0)


TRAINING = ResourceRequest(cpus=1, gpus=1, memory=4 * GIB)
SAMPLING = ResourceRequest(cpus=1, gpus=1, memory=4 * GIB)
PIPELINE = ResourceRequest(cpus=1, gpus=1, memory=16 * GIB)  # gigabytes of weights are read into main memory first
INFERENCE = ResourceRequest(cpus=1, gpus=0.25, memory=4 * GIB)
ARITHMETIC = ResourceRequest(cpus=1, memory=4 * GIB)
DECODING = ResourceRequest(cpus=1, memory=2 * GIB)
