import type { AddressInfo } from 'node:net';
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
  await server.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    const reason = UNUSABLE[error.code ?? '']?.(settings);
    throw reason ? new PraxisError('UNAVAILABLE', `${host}:${port} ${reason}.`, { cause: error }) : error;
  });
  const name = ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host;
  return `http://${name}:${(server.server.address() as AddressInfo).port}`;
}
