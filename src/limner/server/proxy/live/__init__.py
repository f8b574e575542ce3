"""Pictures that show their own progress in pages of others: a stream of frames to one ``<img>``."""
