"""Several processes train one model (local SGD, Stich 2018, arXiv 1805.09767): each goes its own steps, with its own lessons and its own
momentum, and every MEET steps all of them go on from the mean of their weights. Two cores learn twice the tokens."""
import torch
import torch.distributed as distributed

MEET = 20               # steps between two means
PORT = 29511            # of this machine, where they meet


class Workers:
    """This process among `count` workers."""
    def __init__(self, rank, count):
        self.count = count
        if count > 1:
            distributed.init_process_group('gloo', init_method=f'tcp://127.0.0.1:{PORT}', rank=rank, world_size=count)

    @torch.no_grad()
    def meet(self, model, step, ended):
        """After a step: at every MEET-th the weights become the mean of all. ended: whether this worker wants to stop. Returns whether all do."""
        if self.count == 1:
            return ended
        if step % MEET:
            return False
        flat = torch.cat([p.flatten() for p in model.parameters()] + [torch.tensor([float(ended)])])
        distributed.all_reduce(flat)
        flat /= self.count
        at = 0
        for p in model.parameters():
            p.copy_(flat[at:at + p.numel()].view_as(p))
            at += p.numel()
        return flat[-1].item() > 0
