"""Scoring an assistant on questions with known answers: offline, without a judge model.

questions → cases → metrics → report. Knows nothing about the command line. Definitions: docs/evaluation.md.
"""
