import { isIP } from 'node:net';
import { z } from 'zod';
import { nearestNames } from '../formats/words/nearest';

/** How settings are written, and what is said of one that is wrong. Which ones there are stands in environment.ts. */

export type Environment = Record<string, string | undefined>;

/** Tells everything that is wrong with the settings, to the person who wrote them. */
export class ConfigError extends Error {}

/** A whole number; without one, the program finds its own. */
export function optionalCount(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error }).optional();
}

export const count = (fallback: number, min: number, max: number) => optionalCount(min, max).unwrap().default(fallback);

export const flag = (fallback: boolean) => z.stringbool({ error: 'must be true or false' }).default(fallback);

export const choice = <const T extends string>(fallback: T, values: readonly [T, ...T[]]) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` }).default(fallback as never);

export const webAddress = () =>
  z.url({ protocol: /^https?$/, error: 'must be an address such as https://praxis.example.org' }).optional();

/** Modes of libpq that `pg` knows, and its own `no-verify`; any other word it would take for `verify-full`. */
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export const databaseAddress = () =>
  z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'must start with postgres:// or postgresql://', abort: true })
    .refine((url) => SSL_MODES.includes(/[?&]sslmode=([^&#]*)/.exec(url)?.[1] ?? 'disable'), {
      error: `must have an sslmode of ${SSL_MODES.join(', ')}`,
    })
    .optional();

/** Origins between commas. An origin is scheme, host and port alone, as browsers send it. */
export const origins = () =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((origin) => origin.trim() || []))
    .refine((all) => all.every(isOrigin), 'must be origins such as https://app.example.org between commas, or *');

const isOrigin = (text: string): boolean => text === '*' || (URL.canParse(text) && new URL(text).origin === text);

/** Paths between commas. */
export const paths = () =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((path) => path.trim() || []));

/** IP addresses and networks, with commas between; none without. */
export const networks = () =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
    .refine((entries) => entries.every(isNetwork), {
      error: 'must be IP addresses and networks such as 127.0.0.1,10.0.0.0/8',
    });

function isNetwork(text: string): boolean {
  const [address, prefix = '0', ...rest] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

/** Names with our prefix that are not settings: those of tests, and those that Kubernetes gives for a service of our name. */
const OTHERS = [
  /^PRAXIS_TEST_/,
  /^PRAXIS_(\w+_)?SERVICE_(HOST|PORT(_\w+)?)$/,
  /^PRAXIS_(\w+_)?PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$/,
];
const SERVICE_ADDRESS = /^(tcp|udp):\/\//;

/** What may not be shown, as it can hold a password. */
const SECRET = /SECRET|TOKEN|PASSWORD|KEY|DATABASE_URL/;
const SHOWN_MAX = 60;

/** Reads the settings of a table; every fault is told at once, that of a name which is no setting as well. */
export function parseSettings<S extends z.ZodObject>(schema: S, environment: Environment): z.infer<S> {
  // An empty variable is an unset one: compose files pass those.
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(variables);
  const faults = new Map(unknownNames(Object.keys(schema.shape), variables));
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = path.join('.');
    if (!faults.has(name)) faults.set(name, `${message}${shown(name, variables[name])}.`);
  }
  if (faults.size === 0) return parsed.data as z.infer<S>;
  const lines = [...faults].map(([name, fault]) => `  ${name}: ${fault}`);
  throw new ConfigError(['Some settings are wrong:', ...lines, '`praxis help` lists all of them.'].join('\n'));
}

function unknownNames(known: string[], variables: Environment): [string, string][] {
  const ours = Object.keys(variables).filter((name) => /^praxis_/i.test(name) && !known.includes(name));
  const unknown = ours.filter(
    (name) => !OTHERS.some((pattern) => pattern.test(name)) && !SERVICE_ADDRESS.test(variables[name] ?? ''),
  );
  return unknown.map((name) => {
    const [near] = nearestNames(name, known, 1);
    return [name, `is not a setting. ${near ? `Did you mean ${near}?` : 'Remove it.'}`];
  });
}

function shown(name: string, value: string | undefined): string {
  if (value === undefined || SECRET.test(name)) return '';
  return `, not ${JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value)}`;
}

export interface SettingText {
  name: string;
  /** Empty where the program finds the value. */
  byDefault: string;
  meaning: string;
}

/** Every setting of a table with its meaning. */
export function describeSettings(schema: z.ZodObject): SettingText[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    byDefault: field instanceof z.ZodDefault ? String(field.def.defaultValue) : '',
    meaning: field.description ?? '',
  }));
}
