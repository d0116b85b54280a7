import torch

from suite.generators.sd.tiny.denoiser import DenoisingTask, make_denoiser, make_scheduler
from suite.randomness import initialising


class Recorder(torch.nn.Module):
    """Replaces the network: records the text embeddings and times, and predicts zeros."""

    def forward(self, noisy: torch.Tensor, times: torch.Tensor, text: torch.Tensor) -> "Recorder":
        self.text, self.times, self.sample = text, times, torch.zeros_like(noisy)
        return self


def test_captions_are_dropped_at_the_given_rate() -> None:
    embeddings = torch.arange(4.0)[:, None, None].expand(4, 2, 64)
    task = DenoisingTask(torch.randn(2000, 4, 4, 4), embeddings, dropout=0.1, seed=0)
    network, captions = Recorder(), torch.arange(2000) % 3
    task.loss(network, 0, torch.arange(2000), captions)
    received = network.text[:, 0, 0]
    dropped = received == 3
    assert 0.07 < float(dropped.float().mean()) < 0.13
    assert torch.equal(received[~dropped], captions[~dropped].float())
    assert int(network.times.min()) < 20
    assert int(network.times.max()) > 980


def test_the_loss_depends_on_the_step_number_only() -> None:
    with initialising(0, "test"):
        network, latents, embeddings = make_denoiser(), torch.randn(8, 4, 4, 4), torch.randn(3, 5, 64)
    task = DenoisingTask(latents, embeddings, dropout=0.1, seed=0)
    indices, captions = torch.tensor([0, 5]), torch.tensor([0, 1])
    first, repeated, other = (float(task.loss(network, step, indices, captions).detach()) for step in (1, 1, 2))
    assert first == repeated
    assert first != other


def test_the_scheduler_starts_at_high_noise_with_the_configuration_of_the_pipeline() -> None:
    scheduler = make_scheduler()
    scheduler.set_timesteps(10)
    assert int(scheduler.timesteps[0]) > 800
    assert scheduler.config.steps_offset == 1
    assert scheduler.config.prediction_type == "v_prediction"
