"""What the server remembers: people, chats, messages, files and updates that wait."""
