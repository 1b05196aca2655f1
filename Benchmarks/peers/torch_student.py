"""The PyTorch peer of a training step: a Llama-4-style student on a sparse distillation loss.

Dense and MoE layers in turn, top-1 of E experts plus a shared one with sparse dispatch, scaled
dot-product attention, fused AdamW, gradient clipping; half cross entropy, half forward KL to k
stored entries a token. Prints one JSON object; `tokens_per_second` is that of the median step. With
`--serve` it is a step server, as `protocol.py` has it.

usage: torch_student.py [--vocabulary 49152] [--bf16] [--reduced] [--compile] [--forward] [--serve]
"""

import argparse

import step_server
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times a training step of a PyTorch student.")
    parser.add_argument("--vocabulary", type=int, default=49152)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--key-value-heads", type=int, default=4)
    parser.add_argument("--head-dim", type=int, default=32)
    parser.add_argument("--intermediate", type=int, default=512, help="width of an expert")
    parser.add_argument("--intermediate-mlp", type=int, default=1024, help="width of a dense layer")
    parser.add_argument("--experts", type=int, default=16)
    parser.add_argument("--interleave", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--entries", type=int, default=32, help="stored entries a token")
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    parser.add_argument("--compile", action="store_true", help="torch.compile model and loss")
    parser.add_argument("--forward", action="store_true", help="only forward and top-k")
    step_server.add_options(parser)
    return parser.parse_args()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on neighbouring pairs."""
    pairs = x.view(*x.shape[:-1], -1, 2)
    real, imaginary = pairs[..., 0], pairs[..., 1]
    rotated = (real * cos - imaginary * sin, real * sin + imaginary * cos)
    return torch.stack(rotated, -1).flatten(-2)


class Attention(nn.Module):
    def __init__(self, c: argparse.Namespace, uses_rope: bool) -> None:
        super().__init__()
        self.c, self.uses_rope = c, uses_rope
        self.query = nn.Linear(c.hidden, c.heads * c.head_dim, False)
        self.key = nn.Linear(c.hidden, c.key_value_heads * c.head_dim, False)
        self.value = nn.Linear(c.hidden, c.key_value_heads * c.head_dim, False)
        self.output = nn.Linear(c.heads * c.head_dim, c.hidden, False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = x.shape

        def split(y: Tensor, heads: int) -> Tensor:
            return y.view(batch, length, heads, self.c.head_dim).transpose(1, 2)

        query = split(self.query(x), self.c.heads)
        key = split(self.key(x), self.c.key_value_heads)
        value = split(self.value(x), self.c.key_value_heads)
        if self.uses_rope:
            query = F.rms_norm(rotate(query, cos, sin), (self.c.head_dim,))
            key = F.rms_norm(rotate(key, cos, sin), (self.c.head_dim,))
        y = F.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
        return self.output(y.transpose(1, 2).reshape(batch, length, -1))


class FeedForward(nn.Module):
    def __init__(self, hidden: int, intermediate: int) -> None:
        super().__init__()
        self.gate_up = nn.Linear(hidden, 2 * intermediate, False)
        self.down = nn.Linear(intermediate, hidden, False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)


class MixtureOfExperts(nn.Module):
    def __init__(self, c: argparse.Namespace) -> None:
        super().__init__()
        self.experts = c.experts
        self.router = nn.Linear(c.hidden, c.experts, False)
        self.gate_up = nn.Parameter(torch.randn(c.experts, c.hidden, 2 * c.intermediate) * 0.02)
        self.down = nn.Parameter(torch.randn(c.experts, c.intermediate, c.hidden) * 0.02)
        self.shared = FeedForward(c.hidden, c.intermediate)

    def forward(self, x: Tensor) -> Tensor:
        shape = x.shape
        x = x.reshape(-1, shape[-1])
        logit, expert = self.router(x).max(-1)
        order = expert.argsort()
        counts = torch.bincount(expert, minlength=self.experts).tolist()
        inputs = (x * torch.sigmoid(logit)[:, None])[order]
        outputs = []
        for index, rows in enumerate(inputs.split(counts)):
            if rows.shape[0] == 0:
                continue
            gate, up = (rows @ self.gate_up[index]).chunk(2, -1)
            outputs.append((F.silu(gate) * up) @ self.down[index])
        routed = torch.empty_like(x).index_copy(0, order, torch.cat(outputs))
        return (self.shared(x) + routed).view(shape)


class Block(nn.Module):
    def __init__(self, c: argparse.Namespace, layer: int) -> None:
        super().__init__()
        is_sparse = (layer + 1) % c.interleave == 0
        self.attention_norm = nn.RMSNorm(c.hidden, 1e-5)
        self.feed_forward_norm = nn.RMSNorm(c.hidden, 1e-5)
        self.attention = Attention(c, uses_rope=(layer + 1) % 4 != 0)
        self.feed_forward = (
            MixtureOfExperts(c) if is_sparse else FeedForward(c.hidden, c.intermediate_mlp))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x), cos, sin)
        return x + self.feed_forward(self.feed_forward_norm(x))


class Student(nn.Module):
    def __init__(self, c: argparse.Namespace) -> None:
        super().__init__()
        self.embedding = nn.Embedding(c.vocabulary, c.hidden)
        self.blocks = nn.ModuleList(Block(c, layer) for layer in range(c.layers))
        self.norm = nn.RMSNorm(c.hidden, 1e-5)
        self.head = nn.Linear(c.hidden, c.vocabulary, False)

    def forward(self, tokens: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.head(self.norm(x))


def main() -> None:
    c = arguments()
    step_server.apply(c)
    torch.manual_seed(0)
    student = Student(c)
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-4, fused=True)
    frequencies = 1 / (500000 ** (torch.arange(0, c.head_dim, 2) / c.head_dim))
    angles = torch.outer(torch.arange(c.length), frequencies)
    cos, sin = angles.cos(), angles.sin()

    count = c.batch * c.length
    tokens = torch.randint(0, c.vocabulary, (c.batch, c.length))
    labels = torch.randint(0, c.vocabulary, (count,))
    entry_ids = torch.randint(0, c.vocabulary, (count, c.entries))
    entries = torch.softmax(torch.randn(count, c.entries), -1)

    def loss_of(logits: Tensor) -> Tensor:
        log_q = F.log_softmax(logits.view(-1, c.vocabulary).float(), -1)
        hard = -log_q.gather(1, labels[:, None]).squeeze(1)
        soft = (entries * (entries.log() - log_q.gather(1, entry_ids))).sum(1)
        return (0.5 * hard + 0.5 * soft).mean()

    forward = torch.compile(student) if c.compile else student
    loss_function = torch.compile(loss_of) if c.compile else loss_of

    def training_step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=c.bf16):
            output = forward(tokens, cos, sin)
        loss = loss_function(output)
        del output  # The backward pass needs only what the loss has kept: 400 MB less.
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def forward_step() -> None:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=c.bf16):
            torch.topk(torch.log_softmax(forward(tokens, cos, sin).float(), -1), c.entries)

    parameters = sum(parameter.numel() for parameter in student.parameters())
    step_server.run(
        c, forward_step if c.forward else training_step, tokens=count,
        facts={"parameters": parameters})


if __name__ == "__main__":
    main()
