import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { PraxisError, STORAGE_FULL } from '../kernel';

export const ARTIFACT_KINDS = ['UPLOAD', 'PARQUET', 'MODEL', 'CHECKPOINT'] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

export interface WrittenArtifact {
  byteCount: number;
  sha256: Buffer;
}

/** An artifact as a listing shows it. */
export interface StoredArtifact {
  key: string;
  byteCount: number;
  /** When it was written, milliseconds since 1970. */
  writtenAt: number;
}

export interface BytePart {
  start: number;
  end: number;
}

export interface WriteOptions {
  /** More bytes than this: the write fails with PAYLOAD_TOO_LARGE and leaves nothing. */
  byteCountMax?: number;
}

/**
 * Bytes by key. A write is all or nothing: a reader sees the whole artifact or none, and a failed or aborted write
 * leaves nothing. A key is written once: see artifact.sweep.ts. Errors: NOT_FOUND for a key that holds nothing, PAYLOAD_TOO_LARGE, UNAVAILABLE when storage is full.
 */
export interface ArtifactStore {
  /** Call it before the first use: what is on this machine is closed to its other users. */
  prepare(): Promise<void>;
  /** Streams with bounded memory; replaces what the key held. */
  write(key: string, source: Readable | Uint8Array, options?: WriteOptions): Promise<WrittenArtifact>;
  read(key: string): Promise<Uint8Array>;
  /** `part`: the bytes from `start` to `end`, both within. */
  readStream(key: string, part?: BytePart): Promise<Readable>;
  /** A file on this machine with the artifact's bytes; read only. */
  localPath(key: string): Promise<string>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** A tenant's artifacts, read piece by piece, in any order; one that comes or goes meanwhile may be missing. */
  list(tenantId: string): AsyncIterable<StoredArtifact>;
  /** Those of all tenants. */
  listAll(): AsyncIterable<StoredArtifact>;
  /** Removes writes that began longer ago and never ended: their processes died. */
  sweep(olderThanMs: number): Promise<void>;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const KEY = new RegExp(`^tenants/${UUID}/[a-z]{1,32}/${UUID}$`);

/** What the keys of a tenant begin with. */
export const tenantPrefix = (tenantId: string): string => `tenants/${tenantId}/`;

export const isKey = (text: string): boolean => KEY.test(text);

/** The one shape of a key: it starts with the tenant, so a bucket policy or a backup can follow tenants. */
export function artifactKey(tenantId: string, kind: ArtifactKind, id: string): string {
  return checkKey(`${tenantPrefix(tenantId)}${kind.toLowerCase()}/${id}`);
}

/** Refuses every key of another shape, so that no key leaves the store's root. */
export function checkKey(key: string): string {
  if (!isKey(key)) throw new PraxisError('INTERNAL', 'Not an artifact key.', { detail: `key ${JSON.stringify(key)}` });
  return key;
}

/** Counts and hashes what passes; throws PAYLOAD_TOO_LARGE past the limit. */
export class Meter {
  byteCount = 0;
  private readonly hash = createHash('sha256');

  constructor(private readonly byteCountMax = Infinity) {}

  add(chunk: Uint8Array): void {
    this.byteCount += chunk.byteLength;
    if (this.byteCount > this.byteCountMax) {
      throw new PraxisError('PAYLOAD_TOO_LARGE', `The file is larger than the limit of ${this.byteCountMax} bytes.`);
    }
    this.hash.update(chunk);
  }

  finish(): WrittenArtifact {
    return { byteCount: this.byteCount, sha256: this.hash.digest() };
  }
}

/** A source as chunks. A stream that is cut off before its end throws here. */
export async function* chunksOf(source: Readable | Uint8Array): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    yield source;
    return;
  }
  for await (const chunk of source) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
}

export class StorageFull extends PraxisError {
  constructor(cause: unknown) {
    super('UNAVAILABLE', STORAGE_FULL, { cause });
  }
}

export const artifactMissing = (key: string, cause?: unknown): PraxisError =>
  new PraxisError('NOT_FOUND', 'The stored file is missing.', { cause, detail: key });
