import { ConfigError, readConfig, settingsReference } from '../../src/config';

function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split('\n').slice(1, -1);
  }
  return [];
}

test('every setting has a text that says what it does', () => {
  const short = settingsReference().filter(({ meaning }) => !/^[A-Z].{20,}\.$/s.test(meaning));
  expect(short).toEqual([]);
});

test.each([
  [{ PORT: 'abc' }, '  PORT: must be a whole number from 0 to 65535, not "abc".'],
  [{ PORT: '80.5' }, '  PORT: must be a whole number from 0 to 65535, not "80.5".'],
  [{ PORT: '99999' }, '  PORT: must be a whole number from 0 to 65535, not "99999".'],
  [{ PRAXIS_SEED: 'maybe' }, '  PRAXIS_SEED: must be true or false, not "maybe".'],
  [{ PRAXIS_LOG_LEVEL: 'loud' }, expect.stringContaining('must be one of trace, debug')],
  [{ PRAXIS_PUBLIC_URL: 'praxis.example' }, expect.stringContaining('an address such as https://')],
  [{ PRAXIS_PUBLIC_URL: 'javascript:alert(1)' }, expect.stringContaining('an address such as https://')],
  [{ DATABASE_URL: 'mysql://me:hidden@host/db' }, '  DATABASE_URL: must start with postgres:// or postgresql://.'],
  [
    { DATABASE_URL: 'postgres://me:hidden@h/d?sslmode=foo' },
    expect.stringMatching(/^ {2}DATABASE_URL: .* sslmode of /),
  ],
  [
    { PORT: '4100', PRAXIS_METRICS_PORT: '4100' },
    '  PRAXIS_METRICS_PORT: must be another number than PORT, or left out for /metrics on PORT, not "4100".',
  ],
  [
    { PORT: '4100', PRAXIS_METRICS_PORT: '4100', HOST: '0.0.0.0', PRAXIS_METRICS_HOST: '10.0.0.1' },
    expect.stringContaining('PRAXIS_METRICS_PORT: must be another number than PORT'),
  ],
  [{ PRAXIS_S3_ENDPOINT: 'http://s3' }, '  PRAXIS_S3_BUCKET: must be set, as PRAXIS_S3_ENDPOINT is.'],
  [
    { PRAXIS_S3_BUCKET: 'b', PRAXIS_S3_ACCESS_KEY_ID: 'k' },
    '  PRAXIS_S3_SECRET_ACCESS_KEY: must be set, as PRAXIS_S3_ACCESS_KEY_ID is.',
  ],
])('%j is refused in plain words', (environment, line) => {
  expect(faultsOf(environment as Record<string, string>)).toEqual([line]);
});

test('one number serves two addresses, and a process that answers on one of the two ports alone', () => {
  const one = { PORT: '4100', PRAXIS_METRICS_PORT: '4100' };
  expect(faultsOf({ ...one, HOST: '10.0.0.1', PRAXIS_METRICS_HOST: '127.0.0.1' })).toEqual([]);
  expect(readConfig(one, 'training').metrics.port).toBe(4_100);
});

test.each(['?sslmode=require', '?x=1&sslmode=no-verify', '?sslrootcert=f', ''])(
  'an address may end with "%s"',
  (end) => {
    expect(faultsOf({ DATABASE_URL: `postgres://me@h/d${end}` })).toEqual([]);
  },
);

test('what a value is shown of is short, and nothing of one that can hold a password', () => {
  const [line] = faultsOf({ PORT: 'x'.repeat(100_000) });
  expect(line.length).toBeLessThan(200);
  expect(faultsOf({ PRAXIS_PUBLIC_URL: 'x', DATABASE_URL: 'mysql://me:hidden@h/d' }).join()).not.toContain('hidden');
});

test.each([
  ['PRAXIS_DATADIR', 'PRAXIS_DATA_DIR'],
  ['PRAXIS_S3_BUKET', 'PRAXIS_S3_BUCKET'],
  ['praxis_data_dir', 'PRAXIS_DATA_DIR'],
  ['PRAXIS_TRAINING_THREAD', 'PRAXIS_TRAINING_THREADS'],
])('%s is named with the setting that is meant', (written, meant) => {
  expect(faultsOf({ [written]: '1' })).toEqual([`  ${written}: is not a setting. Did you mean ${meant}?`]);
});

test('names that other programs set are left alone, and an empty value is none', () => {
  const others = {
    PRAXIS_SERVICE_HOST: '10.0.0.1',
    PRAXIS_SERVICE_PORT: '4000',
    PRAXIS_PORT: 'tcp://10.0.0.1:4000',
    PRAXIS_PORT_4000_TCP_ADDR: '10.0.0.1',
    PRAXIS_API_SERVICE_PORT_HTTP: '4000',
    PRAXIS_TEST_HOME: '/tmp/x',
    PRAXIS_DATADIR: '',
    DATABASE_URI: 'x',
  };
  expect(faultsOf(others)).toEqual([]);
  expect(faultsOf({ PRAXIS_PORT: '4000' })).toEqual([expect.stringContaining('PRAXIS_PORT: is not a setting.')]);
});
