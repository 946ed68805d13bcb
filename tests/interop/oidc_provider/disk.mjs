// What oidc-provider keeps, in SQLite instead of memory (Node's own binding): WAL, synchronous=NORMAL, prepared
// statements, a write for each call of the adapter. Central keeps its sessions and tokens with the same settings.
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  PRAGMA journal_mode=WAL;
  PRAGMA synchronous=NORMAL;
  CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, grant_id TEXT, payload TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS kept_of_grant ON kept (grant_id) WHERE grant_id IS NOT NULL;
`;

/** A store of JSON values by key, with Map's method names. */
export class Disk {
  constructor(path) {
    const database = new DatabaseSync(path);
    database.exec(SCHEMA);
    this.put = database.prepare('INSERT OR REPLACE INTO kept VALUES (?, ?, ?)');
    this.read = database.prepare('SELECT payload FROM kept WHERE key = ?');
    this.drop = database.prepare('DELETE FROM kept WHERE key = ?');
    this.dropGrant = database.prepare('DELETE FROM kept WHERE grant_id = ?');
  }

  set(key, value) { this.put.run(key, value.grantId ?? null, JSON.stringify(value)); }

  get(key) {
    const row = this.read.get(key);
    return row && JSON.parse(row.payload);
  }

  has(key) { return this.read.get(key) !== undefined; }

  delete(key) { this.drop.run(key); }

  /** All that came of one grant. */
  deleteGrant(grant) { this.dropGrant.run(grant); }
}

/** Map has all of it but one. */
export class Memory extends Map {
  deleteGrant(grant) {
    [...this].filter(([, value]) => value.grantId === grant).forEach(([key]) => this.delete(key));
  }
}
