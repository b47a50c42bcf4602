"""What the conversation remembers: updates, people, chats, photos, jobs and answers."""
