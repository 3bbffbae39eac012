/** Families, steps, tasks and metrics from outside the product: modules that register them, in every process and thread that knows of them. */
import { isAbsolute, resolve } from 'node:path';
import * as engine from './index';

/** What an extension may register. */
export type Engine = typeof engine;

/** The module of an extension: `register` adds what it brings, and returns how to take it out again. */
export interface Extension {
  register(engine: Engine): () => void;
}

const loaded = new Map<string, { users: number; remove: () => void }>();

/** Loads the modules at these paths, each once; returns how to take out again what they registered. */
export async function loadExtensions(paths: readonly string[]): Promise<() => void> {
  for (const path of paths) await load(path);
  return () => paths.forEach(unload);
}

async function load(path: string): Promise<void> {
  const known = loaded.get(path);
  if (known) return void known.users++;
  try {
    const { register } = (await import(isAbsolute(path) ? path : resolve(path))) as Extension;
    loaded.set(path, { users: 1, remove: register(engine) });
  } catch (error) {
    throw new Error(`The extension ${path} does not load: ${(error as Error).message}`, { cause: error });
  }
}

function unload(path: string): void {
  const known = loaded.get(path);
  if (!known || --known.users > 0) return;
  known.remove();
  loaded.delete(path);
}
