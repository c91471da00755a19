"""The recurrences of the three cells and their gradients by hand, so that a step costs one product and little else."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class LSTM(torch.autograd.Function):
    """(x [T, B, 4H], h0 [B, H], c0 [B, H], weight [4H, H], product dtype) -> (h [T, B, H], c_T [B, H])."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h0: Tensor, c0: Tensor, weight: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        steps, batch, hidden = x.shape[0], x.shape[1], h0.shape[1]
        w = weight.to(dtype).t()  # [H, 4H]
        gates = torch.empty_like(x)
        h = x.new_empty(steps + 1, batch, hidden, dtype=dtype)
        c = x.new_empty(steps + 1, batch, hidden)
        tanh_c = x.new_empty(steps, batch, hidden)
        h[0], c[0] = h0, c0
        for t in range(steps):
            a = torch.add(x[t], h[t] @ w, out=gates[t])
            i, f, g, o = a.chunk(4, dim=1)
            a[:, : 2 * hidden].sigmoid_()
            g.tanh_()
            o.sigmoid_()
            torch.mul(f, c[t], out=c[t + 1]).addcmul_(i, g)
            torch.tanh(c[t + 1], out=tanh_c[t])
            h[t + 1] = o * tanh_c[t]
        ctx.save_for_backward(gates, h, c, tanh_c, weight)
        ctx.dtype = dtype
        return h[1:].to(x.dtype), c[-1].clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        d_out, d_last = grads
        gates, h, c, tanh_c, weight = ctx.saved_tensors
        steps, batch, hidden = tanh_c.shape
        w = weight.to(ctx.dtype)
        d_gates = torch.empty_like(gates)
        dc = d_last
        dh = torch.zeros_like(dc)
        for t in reversed(range(steps)):
            i, f, g, o = gates[t].chunk(4, dim=1)
            di, df, dg, do = d_gates[t].chunk(4, dim=1)
            dh = dh + d_out[t]
            dc = dc + dh * o * (1 - tanh_c[t] ** 2)
            do.copy_(dh * tanh_c[t] * o * (1 - o))
            di.copy_(dc * g * i * (1 - i))
            df.copy_(dc * c[t] * f * (1 - f))
            dg.copy_(dc * i * (1 - g * g))
            dc = dc * f
            dh = (d_gates[t].to(ctx.dtype) @ w).to(dc.dtype)
        flat = d_gates.view(steps * batch, -1).to(ctx.dtype)
        d_weight = (flat.t() @ h[:-1].reshape(steps * batch, hidden)).to(weight.dtype)
        return d_gates, dh, dc, d_weight, None


class GRU(torch.autograd.Function):
    """(x [T, B, 3H], h0 [B, H], weight [3H, H], bias of the recurrent product [3H], product dtype) -> h [T, B, H]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h0: Tensor, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> Tensor:
        steps, batch, hidden = x.shape[0], x.shape[1], h0.shape[1]
        w = weight.to(dtype).t()  # [H, 3H]
        gates = torch.empty_like(x)
        inner = x.new_empty(steps, batch, hidden)
        h = x.new_empty(steps + 1, batch, hidden)
        h[0] = h0
        for t in range(steps):
            p = (h[t].to(dtype) @ w).to(x.dtype) + bias
            torch.sigmoid(x[t, :, : 2 * hidden] + p[:, : 2 * hidden], out=gates[t, :, : 2 * hidden])
            r, z, n = gates[t].chunk(3, dim=1)
            inner[t] = p[:, 2 * hidden :]
            torch.tanh(x[t, :, 2 * hidden :] + r * inner[t], out=n)
            torch.lerp(n, h[t], z, out=h[t + 1])
        ctx.save_for_backward(gates, h, inner, weight)
        ctx.dtype = dtype
        return h[1:]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        gates, h, inner, weight = ctx.saved_tensors
        steps, batch, hidden = inner.shape
        w = weight.to(ctx.dtype)
        d_x = torch.empty_like(gates)
        d_p = torch.empty_like(gates)
        dh = torch.zeros_like(inner[0])
        for t in reversed(range(steps)):
            r, z, n = gates[t].chunk(3, dim=1)
            dh = dh + grads[0][t]
            dn = dh * (1 - z) * (1 - n * n)
            dz = dh * (h[t] - n) * z * (1 - z)
            dr = dn * inner[t] * r * (1 - r)
            torch.cat((dr, dz, dn), dim=1, out=d_x[t])
            torch.cat((dr, dz, dn * r), dim=1, out=d_p[t])
            dh = dh * z + (d_p[t].to(ctx.dtype) @ w)
        flat = d_p.view(steps * batch, -1)
        d_weight = (flat.to(ctx.dtype).t() @ h[:-1].reshape(steps * batch, hidden).to(ctx.dtype)).to(weight.dtype)
        return d_x, dh, d_weight, flat.sum(0), None


class RNN(torch.autograd.Function):
    """(x [T, B, H], h0 [B, H], weight [H, H], product dtype, nonlinearity) -> h [T, B, H]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h0: Tensor, weight: Tensor, dtype: torch.dtype, nonlinearity: str) -> Tensor:
        steps, batch, hidden = x.shape
        w = weight.to(dtype).t()  # [H, H]
        h = x.new_empty(steps + 1, batch, hidden)
        h[0] = h0
        function = getattr(torch, nonlinearity)
        for t in range(steps):
            h[t + 1] = function(x[t] + h[t].to(dtype) @ w)
        ctx.save_for_backward(h, weight)
        ctx.dtype, ctx.nonlinearity = dtype, nonlinearity
        return h[1:]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        h, weight = ctx.saved_tensors
        steps, batch, hidden = grads[0].shape
        w = weight.to(ctx.dtype)
        d_x = torch.empty_like(grads[0])
        dh = torch.zeros_like(h[0])
        for t in reversed(range(steps)):
            y = h[t + 1]
            slope = {"tanh": lambda y: 1 - y * y, "sigmoid": lambda y: y * (1 - y), "relu": lambda y: (y > 0).to(y.dtype)}
            d_x[t] = (dh + grads[0][t]) * slope[ctx.nonlinearity](y)
            dh = (d_x[t].to(ctx.dtype) @ w).to(dh.dtype)
        flat = d_x.view(steps * batch, -1).to(ctx.dtype)
        d_weight = (flat.t() @ h[:-1].reshape(steps * batch, hidden).to(ctx.dtype)).to(weight.dtype)
        return d_x, dh, d_weight, None, None
