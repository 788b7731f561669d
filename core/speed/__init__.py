"""What is there for the worst day, and what Django has not: pages kept, questions prepared, a door before Django.

The setting SPEED, on unless it is 0, turns all of it off: then each request is answered by Django alone, slower and
with the same bytes (tests/core/speed/test_on_and_off.py). What others may use:

| file | what for | without SPEED |
|---|---|---|
| `front.Front` | an answer of less than a second ago is given again before Django is asked | not there |
| `kept.keep` | a page is rendered once until its stamp changes | rendered each time |
| `memory.remember`, `memory.put`, `memory.drop`, `memory.forget` | a process remembers a row | looks it up |
| `prepared.run`, `prepared.run_anew` | a statement is planned once per connection | a cursor of Django's |
| `prepared.Prepared`, `prepared.PreparedTuples` | a query set is put into words once | the query set |
| `links.path`, `links.file` | addresses of our own in a tenth of the time | Django's `reverse` and `static` |
| `postgresql` | the database backend: pooled connections and times cost less | Django's own backend |
| `shedding.Shedding`, `shedding.rank` | refuses what has queued too long: a protection, not a speed-up | stays |
| `shedding.CONFIRM`, `shedding.SIGN`, `shedding.WRITE`, `shedding.READ` | in which order people are served | stay |

core/forms.py draws empty forms once, and validates without binding fields for drawing, under the same setting.
"""
