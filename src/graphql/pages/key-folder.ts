import type { FastifyRequest } from 'fastify';
import { relative, resolve } from 'node:path';

/** What a proxy adds, so that a reader elsewhere is not taken for one on this machine. */
const PROXIED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** Where the key files are, for a reader on this machine; to others a server tells none of its paths. */
export function keyFolder(dataDir: string, { raw, headers }: FastifyRequest): string | null {
  const isHere = LOOPBACK.test(raw.socket.remoteAddress ?? '') && !PROXIED.some((name) => name in headers);
  return isHere ? shortest(dataDir) : null;
}

/** As it is written in the folder where Praxis runs. */
function shortest(path: string): string {
  const below = relative(process.cwd(), path);
  return below === '' || below.startsWith('..') ? resolve(path) : below;
}

/** A word of a POSIX shell. */
export const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
