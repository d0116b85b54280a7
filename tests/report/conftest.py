from sample_results import make_results, results, swept

__all__ = ["make_results", "results", "swept"]
