"""What is spoken of: messages, slots, pictures, requests, versions of prompts. Pure."""
