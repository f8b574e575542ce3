"""Commands that let other programs in: tokens, tools for models, the extension for SillyTavern."""
