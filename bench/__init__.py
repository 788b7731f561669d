"""The benchmark: `make bench`. Ratios against floors of the same run: absolute figures are a machine's.

`__main__` says what is measured in which order, `site` starts what is measured, `rows` fills it, `load` drives wrk,
`floors` is what we are compared with, `report` writes it down. docs/benchmarks.md explains a whole run.
"""
