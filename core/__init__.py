"""The few values and rules that several rooms share; imports nothing of ours."""
