import { lookup } from 'node:dns/promises';
import { type AddressInfo, createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { PraxisError } from '../../kernel';

export interface Address {
  host: string;
  /** 0 picks one. */
  port: number;
}

/** Names of the settings that an address comes from. */
type Settings = Record<keyof Address, string>;

const unknown = ({ host }: Settings) => `is not the address of a known host: set ${host} to one of this machine`;

const UNUSABLE: Record<string, (settings: Settings) => string> = {
  EADDRINUSE: ({ port }) => `is taken by another program: stop that one, or set ${port} to another number`,
  EACCES: ({ port }) => `is closed to this user: set ${port} to a number above 1023`,
  EADDRNOTAVAIL: ({ host }) => `does not belong to this machine: set ${host} to an address that does`,
  EAFNOSUPPORT: ({ host }) => `is of a kind that this machine has not set up: set ${host} to an address of another`,
  ENOTFOUND: unknown,
  EAI_AGAIN: unknown,
};

/**
 * Listens, and gives the address as clients of this machine write it.
 * @throws PraxisError UNAVAILABLE when nobody can listen there
 */
export async function listenOn(
  server: FastifyInstance,
  { host, port }: Address,
  settings: Settings = { host: 'HOST', port: 'PORT' },
): Promise<string> {
  const [first, ...others] = await addressesOf(host);
  const doors = others.map((address) => openDoor(server, address));
  await server.listen({ host: first, port }).catch((error: NodeJS.ErrnoException) => {
    const reason = UNUSABLE[error.code ?? '']?.(settings);
    throw reason ? new PraxisError('UNAVAILABLE', `${host}:${port} ${reason}.`, { cause: error }) : error;
  });
  await Promise.all(doors.map((open) => open((server.server.address() as AddressInfo).port)));
  const name = ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host;
  return `http://${name}:${(server.server.address() as AddressInfo).port}`;
}

/** Usually 127.0.0.1 and ::1: programs differ in which of them they take "localhost" for. */
async function addressesOf(host: string): Promise<string[]> {
  if (host !== 'localhost') return [host];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.length === 0 ? [host] : found.map(({ address }) => address);
}

/**
 * Another address of the same server, which knows no difference: limits, refusals and the drain are those of its connections.
 * Fastify would listen with a second server, which has none of what is set on the first. Gives what opens it; an address that
 * cannot be had is left out.
 */
export function openDoor(server: FastifyInstance, host: string): (port: number) => Promise<void> {
  const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    server.server.emit('connection', socket),
  );
  server.addHook('onClose', () => new Promise<void>((resolve) => void door.close(() => resolve())));
  return (port) =>
    new Promise((resolve) => {
      door.once('error', () => resolve()).listen({ host, port }, resolve);
    });
}
