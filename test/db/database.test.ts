import { setTimeout as sleep } from 'node:timers/promises';
import { Dataset } from '../../src/datasets/dataset.entity';
import { newId, PraxisError, type TenantContext } from '../../src/kernel';
import type { TenantTx } from '../../src/db';
import { openTestDatabase } from '../support';

const database = openTestDatabase({ entities: [Dataset] });
let one: TenantContext;
let two: TenantContext;

beforeAll(async () => {
  one = await database.createTenant('One');
  two = await database.createTenant('Two');
});

const insert = (tx: TenantTx, id: string, tenantId = tx.tenantId, format = 'CSV') =>
  tx.query(`INSERT INTO datasets (tenant_id, id, name, format) VALUES ($1, $2, 'rows', $3)`, [tenantId, id, format]);

const find = (context: TenantContext, id: string) =>
  database.db.inTenant(context, (tx) => tx.query('SELECT id FROM datasets WHERE id = $1', [id]));

/** Reads in a transaction whose connection is lost before. */
const cutConnection = (context: TenantContext, read = (tx: TenantTx): Promise<unknown> => tx.query('SELECT 1')) =>
  database.db.inTenant(context, async (tx) => {
    const [{ pid }] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await database.ownerQuery('SELECT pg_terminate_backend($1, 5000)', [pid]);
    await read(tx);
  });

const ownerFind = (id: string) => database.ownerQuery('SELECT id FROM datasets WHERE id = $1', [id]);

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof PraxisError ? error.code : `not public: ${(error as Error).message}`),
  );

describe('isolation', () => {
  test('a transaction reads, changes and deletes rows of its tenant only, and the row exists', async () => {
    const id = newId();
    await database.db.inTenant(one, (tx) => insert(tx, id));
    expect(await find(one, id)).toEqual([{ id }]);
    expect(await find(two, id)).toEqual([]);
    const change = (sql: string) => database.db.inTenant(two, (tx) => tx.query(`${sql} RETURNING id`, [id]));
    expect(await change(`UPDATE datasets SET name = 'taken' WHERE id = $1`)).toEqual([]);
    expect(await change('DELETE FROM datasets WHERE id = $1')).toEqual([]);
    expect(await ownerFind(id)).toEqual([{ id }]);
  });

  test('a row for another tenant cannot be written', async () => {
    const id = newId();
    const written = database.db.inTenant(two, (tx) => insert(tx, id, one.tenantId));
    await expect(written).rejects.toThrow(/row-level security/);
    expect(await ownerFind(id)).toEqual([]);
  });

  test('statements run as the application role, which neither owns nor bypasses', async () => {
    const [role] = await database.db.inTenant(one, (tx) =>
      tx.query(`SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = current_user`),
    );
    expect(role).toEqual({ rolname: 'praxis_app', rolsuper: false, rolbypassrls: false, rolcanlogin: false });
    const [system] = await database.db.inSystem('LIST_TENANTS', (tx) => tx.query('SELECT current_user AS name'));
    expect(system).toEqual({ name: 'praxis_system' });
  });

  test('the platform sees tenants and keys but no tenant data', async () => {
    const ids = await database.db.inSystem('LIST_TENANTS', (tx) => tx.query<{ id: string }>('SELECT id FROM tenants'));
    expect(ids.map(({ id }) => id)).toEqual(expect.arrayContaining([one.tenantId, two.tenantId]));
    const datasets = database.db.inSystem('LIST_TENANTS', (tx) => tx.query('SELECT id FROM datasets'));
    await expect(datasets).rejects.toThrow(/permission denied/);
  });

  test('nothing of a tenant stays on the connection', async () => {
    await database.db.inTenant(one, (tx) => tx.query('SELECT 1'));
    const [left] = await database.db.inSystem('LIST_TENANTS', (tx) => tx.query('SELECT current_tenant() AS tenant'));
    expect(left).toEqual({ tenant: null });
  });

  test('a tenant id that is no uuid never reaches SQL', () => {
    const context = { ...one, tenantId: `'; DROP TABLE tenants; --` };
    expect(() => database.db.inTenant(context, (tx) => tx.query('SELECT 1'))).toThrow(/Not a tenant id/);
  });
});

describe('transactions', () => {
  test('an error rolls everything back', async () => {
    const id = newId();
    const work = database.db.inTenant(one, async (tx) => {
      await insert(tx, id);
      throw new PraxisError('CONFLICT', 'no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await ownerFind(id)).toEqual([]);
  });

  test('a statement whose error is swallowed still fails the transaction', async () => {
    const id = newId();
    const work = database.db.inTenant(one, async (tx) => {
      await insert(tx, id);
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/rolled back/);
    expect(await ownerFind(id)).toEqual([]);
  });

  test('a nested call joins the open transaction', async () => {
    const id = newId();
    const work = database.db.inTenant(one, async () => {
      await database.db.inTenant(one, (tx) => insert(tx, id));
      expect(await ownerFind(id)).toEqual([]);
      expect(await find(one, id)).toEqual([{ id }]);
      throw new Error('outer');
    });
    await expect(work).rejects.toThrow('outer');
    expect(await ownerFind(id)).toEqual([]);
  });

  test('a nested call of another tenant or of the platform is refused', async () => {
    const nested = (inner: () => Promise<unknown>) => database.db.inTenant(one, inner);
    await expect(nested(() => database.db.inTenant(two, (tx) => tx.query('SELECT 1')))).rejects.toThrow(/is open/);
    await expect(nested(() => database.db.inSystem('LIST_TENANTS', (tx) => tx.query('SELECT 1')))).rejects.toThrow(
      /is open/,
    );
  });

  test('a transaction that ended cannot be used', async () => {
    const late = await database.db.inTenant(one, async (tx) => tx);
    await expect(late.query('SELECT 1')).rejects.toThrow(/has ended/);
    expect(() => late.repo('anything')).toThrow(/has ended/);
  });

  test('many more callers than connections all get their turn', async () => {
    const ids = Array.from({ length: 60 }, newId);
    await Promise.all(ids.map((id) => database.db.inTenant(one, (tx) => insert(tx, id))));
    const found = await database.ownerQuery('SELECT id FROM datasets WHERE id = ANY($1)', [ids]);
    expect(found).toHaveLength(60);
  });

  test('deadlocked transactions are run again until both are through', async () => {
    const [a, b] = [newId(), newId()];
    await database.db.inTenant(one, async (tx) => {
      await insert(tx, a);
      await insert(tx, b);
    });
    const rename = (tx: TenantTx, id: string) =>
      tx.query('UPDATE datasets SET name = name || $2 WHERE id = $1', [id, '+']);
    let tries = 0;
    const both = (first: string, second: string) =>
      database.db.inTenant(one, async (tx) => {
        tries++;
        await rename(tx, first);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await rename(tx, second);
      });
    await Promise.all([both(a, b), both(b, a)]);
    expect(tries).toBeGreaterThan(2);
    const names = await database.ownerQuery('SELECT name FROM datasets WHERE id = ANY($1)', [[a, b]]);
    expect(names).toEqual([{ name: 'rows++' }, { name: 'rows++' }]);
  });
});

describe('snapshots', () => {
  test('what is read while one is open is of one moment; others go on, and writing is refused', async () => {
    const id = newId();
    const caller = { ...one };
    const close = database.db.openSnapshot(caller);
    expect(await find(caller, id)).toEqual([]);
    await database.db.inTenant(one, (tx) => insert(tx, id));
    expect(await Promise.all([find(caller, id), find(one, id), find(caller, id)])).toEqual([[], [{ id }], []]);
    await expect(database.db.inTenant(caller, (tx) => insert(tx, newId()))).rejects.toThrow(/read-only transaction/);
    await close();
    expect(await find(caller, id)).toEqual([{ id }]);
  });

  test('it shows the rows of its tenant only', async () => {
    const id = newId();
    await database.db.inTenant(one, (tx) => insert(tx, id));
    const stranger = { ...two };
    const close = database.db.openSnapshot(stranger);
    expect(await find(stranger, id)).toEqual([]);
    expect(await ownerFind(id)).toEqual([{ id }]);
    await close();
  });

  test('one that nobody read from takes no connection, and a lost one harms only its readers', async () => {
    await database.db.openSnapshot({ ...one })();
    const caller = { ...one };
    const close = database.db.openSnapshot(caller);
    expect(await codeOf(cutConnection(caller))).toBe('UNAVAILABLE');
    await close();
    expect(await find(one, newId())).toEqual([]);
  });
});

describe('errors a caller can act on', () => {
  const attempt = (sql: string, params: unknown[] = []) =>
    codeOf(database.db.inTenant(one, (tx) => tx.query(sql, params)));

  test.each([
    ['an id that is no uuid', 'SELECT id FROM datasets WHERE id = $1', ['not an id'], 'VALIDATION_FAILED'],
    ['NUL in a text', 'SELECT $1::text', ['a\0b'], 'VALIDATION_FAILED'],
    ['NUL in JSON', 'SELECT $1::jsonb', [JSON.stringify('a\0b')], 'VALIDATION_FAILED'],
    ['a number out of range', 'SELECT $1::integer', [1e15], 'VALIDATION_FAILED'],
    ['a statement that was cancelled', `SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)`, [], 'UNAVAILABLE'],
    ['a lock that was not to be had', `DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$`, [], 'UNAVAILABLE'],
    ['a full disk', `DO $$ BEGIN RAISE SQLSTATE '53100'; END $$`, [], 'UNAVAILABLE'],
  ])('%s', async (_name, sql, params, code) => {
    expect(await attempt(sql, params)).toBe(code);
  });

  test('a value out of its list, a second one of the same id, a reference to nothing, one still in use', async () => {
    const id = newId();
    const write = (work: (tx: TenantTx) => Promise<unknown>) => codeOf(database.db.inTenant(one, work));
    expect(await write((tx) => insert(tx, id, tx.tenantId, 'XLS'))).toBe('VALIDATION_FAILED');
    expect(await write((tx) => insert(tx, id))).toBe('no error');
    expect(await write((tx) => insert(tx, id))).toBe('CONFLICT');
    const refer = 'UPDATE datasets SET current_version_id = $2 WHERE id = $1';
    expect(await write((tx) => tx.query(refer, [id, newId()]))).toBe('NOT_FOUND');
  });

  test('a fault of ours stays what it is', async () => {
    expect(await attempt('SELECT * FROM nowhere')).toBe('not public: relation "nowhere" does not exist');
  });

  test('a connection that is cut is UNAVAILABLE, and the next transaction works', async () => {
    expect(await codeOf(cutConnection(one))).toBe('UNAVAILABLE');
    const readLater = (tx: TenantTx) => sleep(50).then(() => tx.repo(Dataset).find());
    expect(await codeOf(cutConnection(one, readLater))).toBe('UNAVAILABLE');
    expect(await attempt('SELECT 1')).toBe('no error');
  });
});

describe('audit', () => {
  test('an act is recorded with its change or not at all, and cannot be rewritten', async () => {
    const subject = newId();
    await database.db.inTenant(one, (tx) => tx.audit('dataset.created', subject, { note: 'a\0b' }));
    const aborted = database.db.inTenant(one, async (tx) => {
      await tx.audit('dataset.deleted', subject);
      throw new Error('changed my mind');
    });
    await expect(aborted).rejects.toThrow();
    const rows = await database.ownerQuery(
      'SELECT tenant_id, action, request_id, detail FROM audit_events WHERE subject_id = $1',
      [subject],
    );
    const detail = { note: 'a\ufffdb' };
    expect(rows).toEqual([{ tenant_id: one.tenantId, action: 'dataset.created', request_id: one.requestId, detail }]);
    const rewrite = database.db.inTenant(one, (tx) => tx.query('DELETE FROM audit_events'));
    await expect(rewrite).rejects.toThrow(/permission denied/);
  });
});
