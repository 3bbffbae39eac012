import { types, type ClientConfig } from 'pg';

/** Roles of the cluster: requests and jobs act as the first, the platform's own door as the second. */
export const APP_ROLE = 'praxis_app';
export const SYSTEM_ROLE = 'praxis_system';

/** PostgreSQL's type bigint. Counts, bytes and sequences stay below 2^53, so they are read as numbers. */
const BIGINT_OID = 20;

type TypeParsers = NonNullable<ClientConfig['types']>;

const bigintAsNumber: TypeParsers = {
  getTypeParser: ((oid: number, format: never) =>
    oid === BIGINT_OID ? Number : types.getTypeParser(oid, format)) as TypeParsers['getTypeParser'],
};

/**
 * Settings every connection of the application starts with. The role is dropped in the startup message, so no
 * statement ever runs with the login's rights, even where the login is a superuser.
 */
const APP_SETTINGS = {
  role: APP_ROLE,
  statement_timeout: '60000',
  lock_timeout: '20000',
  idle_in_transaction_session_timeout: '60000',
};

/** Connection of the application role to the database of `url`. */
export function appConnection(url: string, name: string) {
  const options = Object.entries(APP_SETTINGS).map(([key, value]) => `-c ${key}=${value}`);
  return {
    connectionString: withOptions(url, options.join(' ')),
    application_name: name,
    types: bigintAsNumber,
    keepAlive: true,
  };
}

/** Adds server options to a connection string, after those it may already carry. */
function withOptions(url: string, options: string): string {
  const present = /[?&]options=([^&]*)/.exec(url)?.[1] ?? '';
  const all = encodeURIComponent(`${decodeURIComponent(present)} ${options}`.trim());
  const rest = present ? url.replace(/([?&])options=[^&]*&?/, '$1').replace(/[?&]$/, '') : url;
  return `${rest}${rest.includes('?') ? '&' : '?'}options=${all}`;
}
