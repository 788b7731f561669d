"""Newsletters that a group has elsewhere: who agreed is handed over, who leaves on either side leaves on both.

people.py says who may be handed over, handing.py does it one person at a time, polling.py reads who left there, and
connectors/ know how each program is talked to. docs/newsletters/ is for those who set one up.
"""
