"""Advice and control: the next best action from the forecast, and set-points written within limits, audited first."""
