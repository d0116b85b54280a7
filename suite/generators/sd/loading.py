"""Loading of text-to-image pipelines: from safetensors only, without custom code and without a safety checker."""

from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.auto_pipeline import AutoPipelineForText2Image
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.utils import is_accelerate_available
from huggingface_hub.errors import (
    GatedRepoError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.datasets.naming import escaped
from suite.errors import BadData, SuiteError, Unavailable, UsageError
from suite.generators.sd.pipelines import EXCLUDED_COMPONENTS, INDEX, HubPipeline, read_index
from suite.generators.sd.progress_bars import disable_progress_bars
from suite.generators.sd.settings import SchedulerName

NETWORKS = ("unet", "transformer", "vae")
SCHEDULERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "dpm-solver++": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++"}),
    "ddim": (DDIMScheduler, {"clip_sample": False}),  # latents are not limited to [-1, 1]
}


def load_pipeline(
    directory: Path,
    *,
    name: str,
    scheduler: SchedulerName,
    compute: Compute,
    device: str,
) -> DiffusionPipeline:
    """Load a pipeline and set its scheduler, precision and memory format.

    Args:
        directory: Directory with all files of the pipeline.
        name: Name of the pipeline in messages.
        scheduler: Scheduler to sample with; ``default`` keeps the pipeline's scheduler.
        compute: Precision of the weights, and memory format.
        device: Name of the torch device.

    Raises:
        BadData: If it is not a text-to-image pipeline, or cannot be loaded safely.
        UsageError: If its scheduler cannot be replaced by the requested one.
    """
    disable_progress_bars()
    dtype = torch.bfloat16 if compute.precision == "bfloat16" else torch.float32
    pipeline = _from_pretrained(directory, name, dtype)
    pipeline.set_progress_bar_config(disable=True)
    if scheduler != "default":
        scheduler_class, changes = SCHEDULERS[scheduler]
        if scheduler_class not in pipeline.scheduler.compatibles:
            raise UsageError(
                f"{name} samples with {type(pipeline.scheduler).__name__}, which {scheduler} cannot "
                'replace: set sampling.scheduler to "default"'
            )
        pipeline.scheduler = scheduler_class.from_config(pipeline.scheduler.config, **changes)
    pipeline.to(device)
    for component in NETWORKS:
        if (network := getattr(pipeline, component, None)) is not None:
            compute.format(network)
    return pipeline


def _from_pretrained(directory: Path, name: str, dtype: torch.dtype) -> DiffusionPipeline:
    index = read_index(directory)
    overrides: dict[str, Any] = dict.fromkeys(component for component in EXCLUDED_COMPONENTS if component in index)
    if "safety_checker" in overrides:
        overrides["requires_safety_checker"] = False
    try:
        return AutoPipelineForText2Image.from_pretrained(
            directory,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            low_cpu_mem_usage=is_accelerate_available(),
            **overrides,
        )
    except Exception as error:  # each component is loaded by another library with other exceptions
        if isinstance(error, ValueError) and "can't find a pipeline" in str(error):
            kind = escaped(index["_class_name"])
            raise BadData(f"{name} is not a text-to-image pipeline but a {kind}: choose another model") from error
        raise BadData(f"{name} cannot be loaded ({_first_line(error)}): check that no file is missing") from error


def download(pipeline: HubPipeline, data_paths: DataPaths) -> Path:
    """Return a pipeline's directory in the hub's cache, after downloading missing files if that is allowed.

    Raises:
        Unavailable: If the pipeline is not on this machine and may not or cannot be downloaded.
        BadData: If diffusers cannot load it, or it has only pickled weights.
    """
    disable_progress_bars()
    pipeline.check(data_paths)
    try:
        directory = DiffusionPipeline.download(
            pipeline.id,
            revision=pipeline.revision,
            use_safetensors=True,
            local_files_only=not data_paths.download,
            **dict.fromkeys(EXCLUDED_COMPONENTS),
        )
    except Exception as error:  # from the hub's client, its cache, the network, or the downloaded index
        raise _download_error(error, pipeline) from error
    return Path(directory)


def _download_error(error: BaseException, pipeline: HubPipeline) -> SuiteError:
    """Return a one-line error for a failed download."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)

    def caused_by(kind: type[BaseException]) -> bool:
        return any(isinstance(cause, kind) for cause in causes)

    name, commit, page = pipeline.id, pipeline.revision[:8], f"https://huggingface.co/{pipeline.id}"
    if caused_by(GatedRepoError):
        return Unavailable(f"{name} is gated: accept its terms at {page}, then log in with: hf auth login")
    if caused_by(RepositoryNotFoundError):
        return Unavailable(f"{name} is not on the hub, or is private: check the id, or log in with: hf auth login")
    if caused_by(RevisionNotFoundError):
        return Unavailable(f"{name} has no commit {commit}: choose a commit from {page}/commits/main")
    if caused_by(RemoteEntryNotFoundError):
        return BadData(f"{name} at {commit} is not a pipeline that diffusers can load: it has no {INDEX}")
    if caused_by(OfflineModeIsEnabled):
        return Unavailable(
            f"{name} at {commit} is not on this machine, and HF_HUB_OFFLINE prevents the download: unset it"
        )
    if "safetensors" in str(error):
        return BadData(
            f"{name} at {commit} has only pickled weights, which may run code: choose a commit with safetensors"
        )
    return Unavailable(
        f"{name} at {commit} cannot be downloaded ({_first_line(causes[-1])}): check the network, or use a local copy"
    )


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return escaped((str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".:"))
