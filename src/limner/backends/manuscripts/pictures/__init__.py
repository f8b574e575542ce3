"""The pictures that the files of a story bring along."""

from limner.backends.manuscripts.pictures.own_picture_file import own_picture
from limner.backends.manuscripts.pictures.own_pictures import pictures_of
from limner.backends.manuscripts.pictures.pictures_beside import PicturesBeside

__all__ = ["PicturesBeside", "own_picture", "pictures_of"]
