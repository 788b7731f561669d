"""The fault drill: `make drill`. Kills and restarts things under load, then compares three ledgers.

`__main__` says what happens when, `site` is what gets killed, `people` sign and press their links, `ledgers` judges.
"""
