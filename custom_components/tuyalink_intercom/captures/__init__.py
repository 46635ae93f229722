"""Captures in Home Assistant: fetched as a reaction to an event, kept, handed out.

Fetched: `fetcher` works off what is `wanted`: `finder` finds where a picture is, `download` gets
it; `absence` and `sealed` tell why there is none, `occurrences` who is in it.
Kept: `shelf` has them all, in order by `catalogue`, in memory by `recent` and `thumbnails`, on
`disk` (its `faults` are told); `tidying` lets them go.
Handed out: `gallery` knows outer names, `folders` makes a tree of them, `views` serves them.
"""
