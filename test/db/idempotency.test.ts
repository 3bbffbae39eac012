import { newId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';

const database = openTestDatabase();
let tenant: TenantContext;
let created = 0;

beforeAll(async () => {
  tenant = await database.createTenant();
});

beforeEach(() => (created = 0));

const create = (o: { key: string | null; request?: unknown; context?: TenantContext; delayMs?: number }) =>
  database.db.inTenant(o.context ?? tenant, (tx) =>
    tx.idempotent({ operation: 'startRun', key: o.key, request: o.request ?? {} }, async () => {
      created++;
      const id = newId();
      await tx.query(`INSERT INTO datasets (tenant_id, id, name, format) VALUES ($1, $2, 'x', 'CSV')`, [
        tx.tenantId,
        id,
      ]);
      await new Promise((resolve) => setTimeout(resolve, o.delayMs ?? 0));
      return id;
    }),
  );

test('the same key and request answer the first subject, whatever the order of fields', async () => {
  const first = await create({ key: 'a', request: { seed: 1, name: 'x' } });
  expect(await create({ key: 'a', request: { name: 'x', seed: 1 } })).toBe(first);
  expect(created).toBe(1);
});

test('the same key with another request is a conflict', async () => {
  await create({ key: 'b', request: { seed: 1 } });
  await expect(create({ key: 'b', request: { seed: 2 } })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(created).toBe(1);
});

test('callers at once with one key make one subject', async () => {
  const subjects = await Promise.all(Array.from({ length: 8 }, () => create({ key: 'c', delayMs: 20 })));
  expect(new Set(subjects).size).toBe(1);
  expect(created).toBe(1);
});

test('a key of another tenant is another key; no key makes a new subject each time', async () => {
  const other = await database.createTenant('Other');
  const subjects = [await create({ key: 'd' }), await create({ key: 'd', context: other })];
  expect(subjects[0]).not.toBe(subjects[1]);
  expect(await create({ key: null })).not.toBe(await create({ key: null }));
});

test('a key that is empty or too long is refused', async () => {
  await expect(create({ key: '' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  await expect(create({ key: 'k'.repeat(201) })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
});

test('what failed can be tried again under the same key', async () => {
  const failing = database.db.inTenant(tenant, (tx) =>
    tx.idempotent({ operation: 'startRun', key: 'e', request: {} }, () => Promise.reject(new Error('no'))),
  );
  await expect(failing).rejects.toThrow('no');
  expect(await create({ key: 'e' })).toBeDefined();
});
