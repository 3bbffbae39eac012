import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findServer } from '../kernel';
import type { QuickstartOptions } from './arguments';

const DEMO_KEY_FILE = 'demo-api-key';

/** The server that runs on this data directory, with the key of its demo tenant; null when there is none, or no key. */
export function runningServer(dataDir: string): QuickstartOptions['server'] {
  const url = findServer(dataDir);
  const keyFile = join(dataDir, DEMO_KEY_FILE);
  const key = url && readKey(keyFile);
  return key ? { url, key, keyFile } : null;
}

function readKey(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
