"""The album: captures kept on disk, what is known of each, and how many are kept.

Knows nothing of Home Assistant and of Tuya's wire. Its functions block: call them in a thread.
"""
