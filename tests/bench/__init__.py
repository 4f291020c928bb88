"""The benchmarks: each a figure of Concord against a reference measured in the same run. `make bench`."""
