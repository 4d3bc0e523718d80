"""What the trust tests share: faults to inject, made-up inputs, and the counts of what happened."""
