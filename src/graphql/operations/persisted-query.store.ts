import { ByteCache } from './byte.cache';
import { LIMITS } from '../limits';

interface Query {
  text: string;
  expiresMs: number;
}

/** Automatic persisted queries by their hash, for Apollo: bounded in bytes however short they are. */
export class PersistedQueryStore {
  private readonly queries = new ByteCache<Query>(LIMITS.persistedQueryBytes);

  async get(hash: string): Promise<string | undefined> {
    const query = this.queries.get(hash);
    return query && query.expiresMs > Date.now() ? query.text : undefined;
  }

  /** `ttl` in seconds. */
  async set(hash: string, text: string, { ttl }: { ttl?: number | null } = {}): Promise<void> {
    this.queries.set(hash, { text, expiresMs: Date.now() + (ttl ?? Infinity) * 1_000 }, 2 * text.length);
  }

  async delete(hash: string): Promise<boolean> {
    return this.queries.delete(hash);
  }
}
