import { PraxisClient } from '../../src/sdk';

/** One key's view of a server over HTTP, as any client has it. */
export class VersionClient {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async ask<T = Answer>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.authorization() },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors) throw new Error(`${query.trim().slice(0, 200)}: ${JSON.stringify(errors)}`);
    return data;
  }

  async download(path: string): Promise<Buffer> {
    const response = await fetch(this.url + path, { headers: this.authorization() });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  sdk(): PraxisClient {
    return new PraxisClient({ url: this.url, key: this.key });
  }

  private authorization() {
    return { authorization: `Bearer ${this.key}` };
  }
}

/** An answer whose shape its query tells. */
export type Answer = any;

export async function until<T>(what: string, read: () => Promise<T | null>, limitMs = 120_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await read();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`Not in ${limitMs} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
