"""A script without the suite's pipeline: train a ResNet-18 on image folders and print its accuracy on a test folder.

    python classifier.py --train REAL [--train SYNTHETIC] --test TEST --seed 0

It uses torchvision's datasets and PIL transforms and a DataLoader with workers; network, schedule and budget are those
of the suite's smoke profile for digits.
"""

import argparse

import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from suite.classifiers.plugins.resnet18 import ResNet18, ResNet18Settings


def main() -> None:
    """Train and test a classifier as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", action="append", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--size", type=int, default=8)
    parser.add_argument("--padding", type=int, default=1)
    parser.add_argument("--flip", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    mean, std = [0.5] * 3, [0.5] * 3
    augment = [transforms.RandomCrop(options.size, padding=options.padding, padding_mode="reflect")]
    augment += [transforms.RandomHorizontalFlip()] if options.flip else []
    tensor = [transforms.ToTensor(), transforms.Normalize(mean, std)]
    train = ConcatDataset([ImageFolder(folder, transforms.Compose([*augment, *tensor])) for folder in options.train])
    test = ImageFolder(options.test, transforms.Compose(tensor))
    loader = DataLoader(train, options.batch_size, shuffle=True, num_workers=options.workers)
    network = ResNet18().make(len(test.classes), ResNet18Settings(width=options.width))
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=0.1, total_steps=options.epochs * len(loader), pct_start=0.25, anneal_strategy="linear"
    )
    for _ in range(options.epochs):
        network.train()
        for images, labels in loader:
            loss = nn.functional.cross_entropy(network(images), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in DataLoader(test, 500, num_workers=options.workers):
            correct += int((network(images).argmax(1) == labels).sum())
    print(f"accuracy {100 * correct / len(test):.2f}")


if __name__ == "__main__":
    main()
