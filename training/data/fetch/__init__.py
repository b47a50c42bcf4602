"""Stanford Dogs, fetched and unpacked: `breedbot data fetch`."""
