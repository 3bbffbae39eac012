import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import { getOperationAST, parse } from 'graphql';
import WebSocket from 'ws';
import type { Product } from '../process/product.fixture';
import { PLACEHOLDER, type Command, type Operation, type Step } from './document';

const ROOT = join(__dirname, '..', '..');

/** What came of a step. */
export interface Answer {
  /** Output of a command. */
  output?: string;
  /** The data of an operation, each of a subscription. */
  data?: any[];
}

/** Follows a document on a product with a port and a data directory of its own, which take the place of the usual ones. */
export class Walk {
  private readonly kept: Record<string, string> = {};

  constructor(
    private readonly product: Product,
    /** Where commands run. */
    private readonly folder = ROOT,
  ) {}

  /** Goes on in another folder, with what was kept. */
  in(folder: string): Walk {
    const walk = new Walk(this.product, folder);
    Object.assign(walk.kept, this.kept);
    return walk;
  }

  /** @throws Error that names the step when it fails */
  async take(step: Step): Promise<Answer> {
    try {
      return await (step.kind === 'command' ? this.command(step) : this.operation(step));
    } catch (error) {
      const what = step.kind === 'command' ? step.text : step.query;
      throw new Error(`Line ${step.line} does not work:\n${what}\n${(error as Error).message}`, { cause: error });
    }
  }

  private async command({ text, language }: Command): Promise<Answer> {
    if (text === 'npm start') {
      await this.product.start();
      return { output: this.product.output };
    }
    const here = this.filled(text)
      .replaceAll('localhost:4000', `localhost:${this.product.port}`)
      .replaceAll('.praxis/', `${this.product.dataDir}/`);
    // curl fails on an answer that is an error.
    const command = here.replaceAll('curl ', 'curl --fail-with-body ');
    const [program, flag] = language === 'js' ? [process.execPath, '-e'] : ['/bin/sh', '-c'];
    const { stdout, stderr } = await promisify(execFile)(program, [flag, command], {
      cwd: this.folder,
      env: { ...process.env, PRAXIS_DATA_DIR: this.product.dataDir, NODE_PATH: join(ROOT, 'node_modules') },
    });
    return { output: stdout + stderr };
  }

  private async operation({ query, variables, keeps }: Operation): Promise<Answer> {
    const request = { query, variables: JSON.parse(this.filled(variables)) };
    const isStream = getOperationAST(parse(query))?.operation === 'subscription';
    const data = isStream ? await this.watch(request, keeps) : [await this.ask(request)];
    for (const [name, path] of Object.entries(keeps)) {
      const value = data.map((item) => valueAt(item, path)).findLast((found) => found !== undefined);
      if (typeof value !== 'string') throw new Error(`No ${path} in ${JSON.stringify(data).slice(0, 2_000)}`);
      this.kept[name] = value;
    }
    return { data };
  }

  private filled(text: string): string {
    return text.replace(PLACEHOLDER, (placeholder, name) => {
      if (!(name in this.kept)) throw new Error(`Nothing was kept as ${placeholder}.`);
      return this.kept[name];
    });
  }

  private key(): string {
    return readFileSync(join(this.product.dataDir, 'demo-api-key'), 'utf8').trim();
  }

  private async ask(request: object): Promise<unknown> {
    const response = await fetch(`http://localhost:${this.product.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.key()}` },
      body: JSON.stringify(request),
    });
    return dataOf(await response.json());
  }

  /** To the end of the stream, or to the event that brings what is to be kept. */
  private async watch(request: { query: string }, keeps: Record<string, string>): Promise<unknown[]> {
    const client = createClient({
      url: `ws://localhost:${this.product.port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.key()}` },
      retryAttempts: 0,
    });
    const seen: unknown[] = [];
    try {
      for await (const result of client.iterate(request)) {
        seen.push(dataOf(result));
        const paths = Object.values(keeps);
        if (paths.length > 0 && paths.every((path) => valueAt(seen.at(-1), path) !== undefined)) break;
      }
    } finally {
      await client.dispose();
    }
    return seen;
  }
}

function dataOf(result: unknown): unknown {
  const { data, errors } = result as { data?: unknown; errors?: unknown };
  if (errors || !data) throw new Error(JSON.stringify(errors ?? result));
  return data;
}

/** `predict.predictions[0].id` of an answer. */
const valueAt = (data: unknown, path: string): unknown =>
  path.split(/[.[\]]+/).reduce((at, name) => (at as Record<string, unknown> | undefined)?.[name], data);
