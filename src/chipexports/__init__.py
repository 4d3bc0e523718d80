"""China's integrated-circuit exports: the full year from the months published so far."""
