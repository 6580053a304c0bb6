"""The parts of scripts/bench: what is measured, how, beside whom, and how it is shown."""
