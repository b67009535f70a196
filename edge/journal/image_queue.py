"""Pictures that central has not taken yet: which files wait, oldest first. The files themselves lie in the spool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from edge.journal.file import Database


@dataclass(frozen=True, slots=True)
class QueuedImage:
    """A picture waiting for its upload.

    sha256    of its content, the name central knows it by
    path      its file on this gate
    bytes     its size
    taken_at  aware UTC
    """

    sha256: str
    path: str
    bytes: int
    taken_at: datetime


class ImageQueue:
    """The queue in one journal, over a writing or a reading connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, image: QueuedImage) -> bool:
        """Queues a picture; False when the same content waits already."""
        sql = "INSERT INTO images (sha256, path, bytes, taken_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        taken_ms = int(image.taken_at.timestamp() * 1000)
        return self._db.execute(sql, [image.sha256, image.path, image.bytes, taken_ms]).rowcount > 0

    def oldest(self, limit: int) -> list[QueuedImage]:
        """The next pictures to upload, or to drop when there is no room."""
        rows = self._db.execute(
            "SELECT sha256, path, bytes, taken_ms FROM images ORDER BY n LIMIT ?", [limit]
        ).fetchall()
        return [QueuedImage(sha, path, size, datetime.fromtimestamp(ms / 1000, UTC)) for sha, path, size, ms in rows]

    def waits(self, sha256: str) -> bool:
        """Whether a picture is on the queue."""
        return self._db.execute("SELECT 1 FROM images WHERE sha256 = ?", [sha256]).fetchone() is not None

    def remove(self, sha256: str) -> bool:
        """Takes a picture off the queue, uploaded or dropped; False when it was not on it."""
        return self._db.execute("DELETE FROM images WHERE sha256 = ?", [sha256]).rowcount > 0

    def total_bytes(self) -> int:
        """Size of all that waits."""
        return self._db.execute("SELECT coalesce(sum(bytes), 0) FROM images").fetchone()[0]
