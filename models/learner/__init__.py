"""A classifier for any table of customers: prepare, compare, calibrate, evaluate, explain, keep, apply."""

from models.learner.learn import train
from models.learner.model import Model, load
from models.learner.settings import LearnerError, Settings, settings_of

__all__ = ["LearnerError", "Model", "Settings", "load", "settings_of", "train"]
