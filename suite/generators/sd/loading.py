"""Loading a text-to-image pipeline: from safetensors, without code of its own, without a safety checker."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

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

from suite.artifacts import BuildContext, DataPaths
from suite.datasets.naming import shown
from suite.errors import BadData, SuiteError, Unavailable, UsageError
from suite.generators.sd.pipelines import INDEX, LEFT_OUT, HubPipeline, LocalPipeline, read_index
from suite.generators.sd.quiet import disable_progress_bars
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import PIPELINE

if TYPE_CHECKING:
    from suite.generators.sd.recipes import SampleTextToImage

NETWORKS = ("unet", "transformer", "vae")
SOLVERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "dpm-solver++": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++"}),
    "ddim": (DDIMScheduler, {"clip_sample": False}),  # latents do not lie in [-1, 1]
}


def load(recipe: "SampleTextToImage", context: BuildContext) -> DiffusionPipeline:
    """Return the recipe's pipeline on the workbench's device, with its scheduler, precision and memory format.

    Raises:
        Unavailable: If it is not on this machine and may not, or cannot, be downloaded.
        BadData: If it is no text-to-image pipeline, or cannot be loaded safely.
        UsageError: If its scheduler cannot be exchanged for the one asked for.
    """
    disable_progress_bars()
    folder, name = _folder(recipe.pipeline, context)
    dtype = torch.bfloat16 if recipe.compute.precision == "bfloat16" else torch.float32
    pipeline = _loaded(folder, name, dtype)
    pipeline.set_progress_bar_config(disable=True)
    if recipe.settings.scheduler != "default":
        solver, changes = SOLVERS[recipe.settings.scheduler]
        if solver not in pipeline.scheduler.compatibles:
            raise UsageError(
                f"{name} samples with {type(pipeline.scheduler).__name__}, which {recipe.settings.scheduler} cannot "
                'replace: set sampling.scheduler to "default"'
            )
        pipeline.scheduler = solver.from_config(pipeline.scheduler.config, **changes)
    pipeline.to(context.device)
    for part in NETWORKS:
        if (network := getattr(pipeline, part, None)) is not None:
            recipe.compute.format(network)
    return pipeline


def _folder(source: TrainTinyPipeline | HubPipeline | LocalPipeline, context: BuildContext) -> tuple[Path, str]:
    """Return the directory of a pipeline, all of it there, and what to call it in messages."""
    if isinstance(source, HubPipeline):
        return _download(source, context.data_paths), source.id
    if isinstance(source, LocalPipeline):
        folder = source.folder(context.data_paths)
        return folder, shown(folder)
    artifact = context.artifact(source)
    artifact.verify()
    return artifact.path / PIPELINE, "the tiny pipeline"


def _loaded(folder: Path, name: str, dtype: torch.dtype) -> DiffusionPipeline:
    index = read_index(folder)
    without: dict[str, Any] = dict.fromkeys(part for part in LEFT_OUT if part in index)
    if "safety_checker" in without:
        without["requires_safety_checker"] = False
    try:
        return AutoPipelineForText2Image.from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            low_cpu_mem_usage=is_accelerate_available(),
            **without,
        )
    except Exception as error:  # every component has a library of its own to fail in
        if isinstance(error, ValueError) and "can't find a pipeline" in str(error):
            kind = shown(index["_class_name"])
            raise BadData(f"{name} is no text-to-image pipeline but a {kind}: choose another") from error
        raise BadData(f"{name} cannot be loaded ({_line(error)}): are all of its files there?") from error


def _download(source: HubPipeline, data_paths: DataPaths) -> Path:
    """Return the directory in the hub's cache, with what is missing fetched if that is allowed."""
    source.check(data_paths)
    try:
        folder = DiffusionPipeline.download(
            source.id,
            revision=source.revision,
            use_safetensors=True,
            local_files_only=not data_paths.download,
            **dict.fromkeys(LEFT_OUT),
        )
    except Exception as error:  # from the hub's client, its cache, the network, or the index that was fetched
        raise _explained(error, source) from error
    return Path(folder)


def _explained(error: BaseException, source: HubPipeline) -> SuiteError:
    """Return one line for whatever kept a pipeline on the hub from being here."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)

    def by(kind: type[BaseException]) -> bool:
        return any(isinstance(cause, kind) for cause in causes)

    name, commit, page = source.id, source.revision[:8], f"https://huggingface.co/{source.id}"
    if by(GatedRepoError):
        return Unavailable(f"{name} is gated: accept its terms at {page}, then log in with: hf auth login")
    if by(RepositoryNotFoundError):
        return Unavailable(f"{name} is not on the hub, or is private: check the id, or log in with: hf auth login")
    if by(RevisionNotFoundError):
        return Unavailable(f"{name} has no commit {commit}: take one from {page}/commits/main")
    if by(RemoteEntryNotFoundError):
        return BadData(f"{name} at {commit} is no pipeline that diffusers can load: it has no {INDEX}")
    if by(OfflineModeIsEnabled):
        return Unavailable(
            f"{name} at {commit} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it: unset it"
        )
    if "safetensors" in str(error):
        return BadData(
            f"{name} at {commit} has only pickled weights, which may run code: take a commit with safetensors"
        )
    return Unavailable(f"{name} at {commit} cannot be fetched ({_line(causes[-1])}): check the network, or use a copy")


def _line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return shown((str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".:"))
