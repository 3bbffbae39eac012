import { ingest, parquetOf } from './ingest.fixture';

const told = async (content: string | Uint8Array, format: 'CSV' | 'PARQUET' = 'CSV') =>
  (await ingest(content, format)).findings.filter(({ code }) => code === 'GARBLED_TEXT');

const rows = (cells: string[]) => cells.map((cell, at) => `${at},${cell}\n`).join('');

test('texts that were read in a wrong encoding are told with examples, column and count', async () => {
  const cells = ['François', 'FranÃ§ois', 'Anna', 'JosÃ©', 'FranÃ§ois'];
  const [finding, ...others] = await told(`n,name\n${rows(cells)}`);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ severity: 'WARNING', column: 'name', row: 2, count: 3 });
  expect(finding.message).toContain('row 2 "FranÃ§ois", probably "François"; row 4 "JosÃ©", probably "José"');
});

test('a single one in a thousand different texts is told, also where each names its row', async () => {
  const cells = Array.from({ length: 1_000 }, (_, at) => (at === 700 ? 'æ—¥æœ¬' : `ñandú ${at}`));
  expect(await told(`n,name\n${rows(cells)}`)).toMatchObject([{ column: 'name', row: 701, count: 1 }]);
});

test('letters that are lost are told as lost', async () => {
  const [finding] = await told(`n,name\n${rows(['caf\ufffd', 'tea', 'ï¿½ber'])}`);
  expect(finding).toMatchObject({ severity: 'WARNING', column: 'name', row: 1, count: 2 });
  expect(finding.fix).toContain('cannot be got back');
});

test('names of columns and texts of Parquet are looked at as well', async () => {
  expect(await told(`prÃ©nom,b\nAnna,1\nPaul,2\n`)).toMatchObject([{ column: 'prÃ©nom', count: 1 }]);
  expect(await told(await parquetOf(`SELECT 'FranÃ§ois' AS name, 1 AS n`), 'PARQUET')).toMatchObject([
    { column: 'name', row: 1, count: 1 },
  ]);
});

test('texts of any language that are right are not', async () => {
  expect(
    await told(`n,name\n${rows(['François', '日本', 'Привет', 'CAFÉ…', '“SÃO”', 'ไทย', '한국', '联通'])}`),
  ).toEqual([]);
});
