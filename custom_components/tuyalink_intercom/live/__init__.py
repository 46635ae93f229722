"""Live video: fresh addresses for those who view, and what becomes of a view that lasts.

`addresses` asks Tuya, `feed` keeps a stream of Home Assistant's supplied, `refusals` says what
cannot be had and why, `masking` keeps addresses out of logs. Cameras use them; native WebRTC,
which needs no address, would stand beside them.
"""
