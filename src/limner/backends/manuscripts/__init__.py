"""A story out of a file of whatever kind writers have, and the pictures it brings along."""

from limner.backends.manuscripts.manuscript import Manuscript
from limner.backends.manuscripts.own_picture_file import own_picture
from limner.backends.manuscripts.own_pictures import pictures_of
from limner.backends.manuscripts.pictures_beside import PicturesBeside

__all__ = ["Manuscript", "PicturesBeside", "own_picture", "pictures_of"]
