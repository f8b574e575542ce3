"""How a text is put before readers, where its writer says so: title, author, own pictures."""

from limner.illustration.rendering.edition.edition import Edition
from limner.illustration.rendering.edition.own_pictures import OwnPicture, OwnPictures

__all__ = ["Edition", "OwnPicture", "OwnPictures"]
