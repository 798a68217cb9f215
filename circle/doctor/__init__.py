"""Is this data fit, does a result come out again, why is this place covered or not: judgements above the pipeline."""
