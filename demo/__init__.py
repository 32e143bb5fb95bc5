"""The invented register, the proof of the main job, and the benches."""
