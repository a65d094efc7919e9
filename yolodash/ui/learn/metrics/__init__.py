"""The page Metrics, a step a module: the three cases, the ranking, the area under the curve, the mean."""
