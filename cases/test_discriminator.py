"""The discriminator table: classifiers trained on real images only, tested on real and on synthetic images."""


def test_discriminator(discriminator, result):
    assert (result.dataset, result.generator) == discriminator
    assert 0 <= result.accuracy_real <= 100
    assert 0 <= result.accuracy_synthetic <= 100
    assert result.images > 0
