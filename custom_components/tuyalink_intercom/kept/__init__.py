"""What is on disk, so that a restart neither asks again nor tells twice."""
