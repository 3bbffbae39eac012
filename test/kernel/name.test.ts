import { getMetadataStorage } from 'class-validator';
import { buildSchema, getNamedType, isInputObjectType } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataStorage as getTypes } from 'type-graphql';
import '../../src/app';
import { nameFault } from '../../src/kernel';

test.each([
  'a',
  'Machines 2024',
  'Größe',
  '機械',
  'آلة',
  'می\u200cخواهم',
  'क्\u200dष',
  '❤\ufe0f',
  '👩\u200d🔬',
  '👩🏽\u200d🔬',
  '   x',
  `${'x'.repeat(200)}`,
])('%j is a name', (name) => {
  expect(nameFault(name, 200)).toBeNull();
});

test.each([
  ['', 'one at least is no blank'],
  ['   ', 'one at least is no blank'],
  ['\u00a0\u3000', 'one at least is no blank'],
  ['x'.repeat(201), 'takes 1 to 200 characters, got 201'],
  ['a\u200bb', 'U+200B at place 2'],
  ['\u200b', 'U+200B at place 1'],
  ['ad\u200dmin', 'U+200D at place 3'],
  ['\ufeffa', 'U+FEFF at place 1'],
  ['abc\u202egpj.exe', 'U+202E at place 4'],
  ['\u2066a\u2069', 'U+2066 at place 1'],
  ['a\nb', 'U+000A at place 2'],
  ['a\0', 'U+0000 at place 2'],
  ['a\u001b[31m', 'U+001B at place 2'],
  ['\u3164', 'U+3164 at place 1'],
  ['\u2800', 'U+2800 at place 1'],
  ['a\u00adb', 'U+00AD at place 2'],
  ['a\ud800', 'U+D800 at place 2'],
  ['a\u{e0041}', 'U+E0041 at place 2'],
])('%j is none, and the message says why', (name, why) => {
  expect(nameFault(name, 200)).toContain(why);
});

/** Inputs that name what stands in a file, whatever it is called there. */
const OF_FILES = ['UploadColumnInput'];

test('every input that gives a name checks it', () => {
  const schema = buildSchema(readFileSync(join(__dirname, '../../schema/schema.graphql'), 'utf8'));
  const named = Object.values(schema.getTypeMap())
    .filter(isInputObjectType)
    .filter(({ name }) => !OF_FILES.includes(name))
    .filter((type) => {
      const field = type.getFields().name;
      return field && getNamedType(field.type).name === 'String';
    });
  expect(named.length).toBeGreaterThanOrEqual(6);
  // One that has its name from a class above it has no checks of its own.
  const classes = getTypes().inputTypes as { name: string; target: Function }[];
  const storage = getMetadataStorage();
  const checksOf = (target: Function) =>
    storage
      .getTargetValidationMetadatas(target, '', true, false)
      .filter(({ propertyName }) => propertyName === 'name')
      .map(({ name }) => name);
  for (const { name } of named) {
    const target = classes.find((candidate) => candidate.name === name)?.target;
    // A slug has a pattern of its own, which is narrower.
    expect([name, target ? checksOf(target) : []]).toEqual([
      name,
      expect.arrayContaining([expect.stringMatching(/isName|matches/)]),
    ]);
  }
});
