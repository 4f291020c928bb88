"""The rooms of Concord, in the order a reader meets them."""

from services.directory.app import DIRECTORY

ROOMS = (DIRECTORY,)
