"""DMD as an engineer who knows PyTorch would write it: batch-first, fused attention, dense losses, and
transformers of equal shape run as one stack."""
