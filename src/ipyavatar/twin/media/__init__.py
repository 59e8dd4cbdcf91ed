"""Live media of the twin: the engine's pictures and sound behind its rooms and WHEP streams.

Imported with the first client that wants media: a twin used for its REST calls alone never loads
any of it. `manager` owns all of it; `session_media` plays out one session's speeches;
`appearance` chooses how a session looks; `audio_input` reads audio that clients send; `vad`
detects speech in microphones.
"""
