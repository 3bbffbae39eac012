/** Files that are no table: each is refused with the name of what it is. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ingest, refusalOf } from './ingest.fixture';

const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `${line(at)}\n`).join('');
const padded = (start: string | number[], at = 0): Buffer => {
  const bytes = Buffer.alloc(600);
  bytes.set(typeof start === 'string' ? Buffer.from(start, 'latin1') : start, at);
  return bytes;
};
const PAGE = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><p>a, b</p></body></html>\n';

test.each([
  ['Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n'],
  ['HTML page', PAGE],
  ['HTML page', `\ufeff\n  <!-- saved -->\n${PAGE.slice(16)}`],
  ['HTML page', gzipSync(PAGE)],
  ['HTML page', Buffer.from(`\ufeff${PAGE}`, 'utf16le')],
  ['XML document', '<?xml version="1.0"?>\n<rows><row a="1"/></rows>\n'],
  ['XML document', '<rows>\n <row><a>1</a></row>\n</rows>\n'],
  ['form', '--xyz\r\nContent-Disposition: form-data; name="f"\r\n\r\na,b\r\n1,2\r\n--xyz--\r\n'],
  ['web server', 'HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n\r\na,b\n1,2\n'],
  ['JSON list', '[{"a":1},{"a":2}]'],
  ['JSON object over several lines', '{\n  "a": 1,\n  "b": 2\n}\n'],
  ['Jupyter notebook', '{\n "cells": [{"cell_type": "code"}]}\n'],
  ['ARFF', '% made by me\n@relation iris\n@attribute a numeric\n@data\n1\n'],
  ['SQL', '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\nCOPY t (a) FROM stdin;\n1\n'],
  ['SQL', '-- dump\n\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE `a` (x int);\n'],
  ['card or calendar', 'BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;John\r\nEND:VCARD\r\n'],
  ['e-mail', 'From: a@b.c\r\nTo: d@e.f\r\nSubject: data,\r\n more of it\r\n\r\na,b\r\n1,2\r\n'],
  ['e-mail', 'From a@b.c Mon Jan 1 00:00:00 2024\nReceived: from x\n\tby y\nDate: today\n\na,b\n1,2\n'],
  ['diff', 'diff --git a/x.csv b/x.csv\n--- a/x.csv\n+++ b/x.csv\n@@ -1,2 +1,2 @@\n-1,2\n+1,3\n'],
  ['diff', '--- x.csv\t2024\n+++ y.csv\t2024\n@@ -1 +1 @@\n-1,2\n+1,3\n'],
  ['LaTeX', '% table\n\\begin{tabular}{ll}\na & b \\\\\n1 & 2\n\\end{tabular}\n'],
  ['YAML', '---\n- a: 1\n  b: x\n- a: 2\n  b: y\n'],
  ['YAML', '# made by me\nname: iris\ncolumns:\n  - width\n  - length\nrows: 150\n'],
  ['settings', '; made by me\n[one]\na=1\nb = x, y\n\n[two]\n# note\nc=3\n'],
  ['psql', ' a | b \n---+---\n 1 | x\n 2 | y\n(2 rows)\n'],
  ['mysql', '+----+------+\n| id | name |\n+----+------+\n|  1 | x    |\n+----+------+\n'],
  [
    'base64',
    Buffer.from(`%PDF-1.4 ${lines(50, (at) => `${at * at}`)}`)
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n'),
  ],
  ['base64', `data:text/csv;base64,${Buffer.from('a,b\n1,2\n').toString('base64')}`],
  ['LIBSVM', lines(20, (at) => `${at % 2 ? '+1' : '-1'} 1:${at / 4} 7:1e-${at}`)],
  ['fixed width', `name      age  weight\n${lines(20, (at) => `n${String(at).padEnd(9)}${at + 20}   ${at * 1.5}`)}`],
  ['fixed width', lines(20, (at) => ` ${(at / 7).toFixed(5)}   ${at}  ${at * 2.5}`)],
  ['divided by blanks', `u v class\n${lines(20, (at) => `${at} ${at / 4} p`)}`],
])('text: %s', async (name, content) => {
  for (const format of ['CSV', 'JSONL', 'PARQUET'] as const) {
    const [finding, ...others] = await refusalOf(content, format);
    expect([finding.code, others]).toEqual(['NOT_A_TABLE', []]);
    expect(finding.message).toContain(name);
    expect(finding.fix).toMatch(/^Please /);
  }
});

test.each([
  ['tar archive', padded('ustar', 257)],
  ['tar archive', gzipSync(padded('ustar', 257))],
  ['NumPy', padded('\x93NUMPY\x01')],
  ['pickle', padded([0x80, 4, 0x95])],
  ['pickle', '(dp0\nVa\np1\n(lp2\nI1\nas.'],
  ['SQLite', padded('SQLite format 3\0')],
  ['HDF5', padded('\x89HDF\r\n\x1a\n')],
  ['Feather', padded('FEA1')],
  ['ORC', padded('ORC')],
  ['Avro', padded('Obj\x01')],
])('binary: %s', async (name, content) => {
  const [finding, ...others] = await refusalOf(content);
  expect([finding.code, others]).toEqual(['BINARY_FILE', []]);
  expect(finding.message).toContain(name);
});

test.each([
  ['a name that is a signature', 'ORC,RDX\n1,2\n'],
  ['names in angle brackets', '<a>,<b>\n1,2\n'],
  ['a single column of texts of some words', 'address\n12 Main Street\n7 High Road\n1 Low Lane\n'],
  ['a single column of times', 'at\n2024-01-01 10:00\n2024-01-02 11:00\n2024-01-03 12:00\n'],
  ['a single column with units', 'weight\n45.9 kg\n46.1 kg\n40 kg\n'],
  ['a name of a dump', 'insert into,b\n1,2\n'],
  ['hashes without a name', lines(5, (at) => createHash('sha256').update(String(at)).digest('hex'))],
  ['a single column of words with a colon', 'title\nnote: a\nhint: b\nnote: c\n'],
  ['a single column of negative numbers', 'x\n- 1\n- 2\n- 3\n'],
  ['a single column of lists', 'name:\nann\nbob\ncy\n'],
  ['names with colons', 'a: x,b: y\n1,2\n3,4\n'],
  ['names in brackets', '[a]\nx\ny\n'],
])('a table all the same: %s', async (_name, content) => {
  expect((await ingest(content)).rowCount).toBeGreaterThan(0);
});
