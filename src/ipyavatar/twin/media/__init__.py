"""Live media of the twin: LiveKit rooms, WHEP, and the face behind both.

Imported with the first client that wants media: a twin used for its REST calls alone never loads
any of it. `stagehand` owns it all; `show` performs one session's speeches; `room`, `participant`,
`signalling` speak LiveKit; `whep` speaks WHEP; `dialects` say what each service's clients hear.
"""
