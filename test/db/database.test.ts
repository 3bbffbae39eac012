import { newId } from '../../src/kernel';
import { openTestDatabase } from '../support';

const test_ = openTestDatabase();

test('a transaction sees its tenant and no other', async () => {
  const [one, two] = [await test_.createTenant('One'), await test_.createTenant('Two')];
  const id = newId();
  await test_.db.inTenant(one, (tx) =>
    tx.query(`INSERT INTO datasets (tenant_id, id, name, format) VALUES ($1, $2, 'rows', 'CSV')`, [tx.tenantId, id]),
  );
  const find = (context: typeof one) =>
    test_.db.inTenant(context, (tx) => tx.query('SELECT id FROM datasets WHERE id = $1', [id]));
  expect(await find(one)).toEqual([{ id }]);
  expect(await find(two)).toEqual([]);
  expect(await test_.ownerQuery('SELECT id FROM datasets WHERE id = $1', [id])).toEqual([{ id }]);
});
