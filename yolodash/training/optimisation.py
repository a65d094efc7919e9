"""The optimiser, its three groups of weights, and how its memory goes into a file and back."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from yolodash.training.schedule import GROUPS, Group, Moment, scaled_weight_decay
from yolodash.training.settings import Settings


def parameter_groups(network: nn.Module) -> dict[Group, dict[str, nn.Parameter]]:
    """Every parameter by name in its group: only weights of convolutions decay; biases have their own warm-up."""
    groups: dict[Group, dict[str, nn.Parameter]] = {group: {} for group in GROUPS}
    for path, module in network.named_modules():
        for name, parameter in module.named_parameters(prefix=path, recurse=False):
            groups[_group(module, name)][name] = parameter
    return groups


def _group(module: nn.Module, name: str) -> Group:
    if name.endswith("bias"):
        return "biases"
    return "normalisation" if isinstance(module, nn.BatchNorm2d | nn.SyncBatchNorm) else "weights"


def make_optimizer(network: nn.Module, settings: Settings) -> Optimizer:
    """SGD with Nesterov's momentum, or AdamW, over the three groups in the order of ``GROUPS``."""
    decays = {"weights": scaled_weight_decay(settings), "normalisation": 0.0, "biases": 0.0}
    groups = [
        {"params": list(parameters.values()), "weight_decay": decays[group], "name": group}
        for group, parameters in parameter_groups(network).items()
    ]
    if settings.optimizer == "adamw":
        return AdamW(groups, lr=settings.learning_rate, betas=(settings.momentum, 0.999))
    return SGD(groups, lr=settings.learning_rate, momentum=settings.momentum, nesterov=settings.momentum > 0)


def apply_moment(optimizer: Optimizer, moment: Moment) -> None:
    """Set the learning rates and momentum of one batch."""
    for group in optimizer.param_groups:
        group["lr"] = moment.learning_rates[group["name"]]
        if "betas" in group:
            group["betas"] = (moment.momentum, group["betas"][1])
        else:
            group["momentum"] = moment.momentum


def optimizer_tensors(optimizer: Optimizer, network: nn.Module) -> dict[str, Tensor]:
    """The optimiser's memory as tensors, by ``PARAMETER.WHAT``."""
    tensors: dict[str, Tensor] = {}
    for name, parameter in network.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                tensors[f"{name}.{key}"] = value
    return tensors


@torch.no_grad()
def restore_optimizer(optimizer: Optimizer, network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimiser the memory that ``optimizer_tensors`` took, bit for bit, in the weights' own layout."""
    parameters = dict(network.named_parameters())
    for full_name, stored in tensors.items():
        name, _, key = full_name.rpartition(".")
        parameter = parameters[name]
        kept = torch.empty_like(parameter) if stored.shape == parameter.shape else torch.empty_like(stored)
        kept.copy_(stored)
        optimizer.state[parameter][key] = kept
