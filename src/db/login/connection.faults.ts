import type { Client } from 'pg';

/** Why a connection of the login was not to be had, in words for the one who wrote DATABASE_URL. */
export interface ConnectionFault {
  /** May it pass by waiting: a server that starts, a name that is not known yet? */
  passes: boolean;
  reason: string;
  remedy: string;
}

type Describe = (client: Client) => Omit<ConnectionFault, 'passes'>;

const START = 'start PostgreSQL, or correct host and port';
const nobody: Describe = () => ({ reason: 'nothing listens there', remedy: START });
const silent: Describe = () => ({ reason: 'the server does not answer', remedy: START });
const unknownHost: Describe = ({ host }) => ({ reason: `the host "${host}" is not known`, remedy: 'correct the host' });
const noPassword: Describe = ({ user }) => ({
  reason: `the server asks for a password of "${user}", and the address has none`,
  remedy: 'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE',
});
const untrusted: Describe = () => ({
  reason: 'the certificate of the server is not trusted',
  remedy: 'add sslrootcert=FILE with the certificate of its authority to the address',
});

/** Errors of Node's sockets, and of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSING: Record<string, Describe> = {
  ECONNREFUSED: nobody,
  ENOENT: nobody,
  ECONNRESET: silent,
  EPIPE: silent,
  ETIMEDOUT: silent,
  EHOSTUNREACH: silent,
  ENETUNREACH: silent,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  '57P01': silent,
  '57P03': () => ({ reason: 'the server is starting or stopping', remedy: 'look at its log' }),
  '53300': () => ({
    reason: 'all connections of the server are taken',
    remedy: 'raise its max_connections, or lower PRAXIS_DATABASE_POOL',
  }),
};

/** Of our own, for an error that has none. */
const NO_PASSWORD = 'NO_PASSWORD';

const LASTING: Record<string, Describe> = {
  [NO_PASSWORD]: noPassword,
  '28P01': (client) =>
    client.password
      ? { reason: `the server refuses the password of "${client.user}"`, remedy: 'correct the password' }
      : noPassword(client),
  '28000': ({ user }) => ({
    reason: `the server does not let "${user}" in`,
    remedy: 'correct the user, or allow it in pg_hba.conf of the server',
  }),
  '3D000': ({ user, database }) => ({
    reason: `the server has no database "${database}"`,
    remedy: `correct the name, or make it: CREATE DATABASE "${database}" OWNER "${user}"`,
  }),
  '42501': ({ user, database }) => ({
    reason: `"${user}" may not connect to this database`,
    remedy: `let it: GRANT CONNECT ON DATABASE "${database}" TO "${user}"`,
  }),
  '08P01': () => ({
    reason: 'what answers there does not speak as PostgreSQL does',
    remedy: 'name PostgreSQL itself, or a pooler that keeps sessions and takes the startup parameter "options"',
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: () => ({
    reason: 'the certificate of the server is for another host',
    remedy: 'name the host of the certificate',
  }),
};

/** Messages of `pg` that carry no code, with the code that stands for the same. */
const MESSAGES: [message: RegExp, code: string][] = [
  [/^(Connection terminated|timeout expired)/, 'ETIMEDOUT'],
  [/^SASL: .*password must be a/, NO_PASSWORD],
];

export function connectionFault(error: Error & { code?: string }, client: Client): ConnectionFault {
  const code = MESSAGES.find(([message]) => message.test(error.message))?.[1] ?? error.code ?? '';
  if (code in PASSING) return { passes: true, ...PASSING[code](client) };
  if (code in LASTING) return { passes: false, ...LASTING[code](client) };
  return { passes: false, reason: error.message.slice(0, 300), remedy: 'correct the address' };
}
