import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** In a process of its own: the formatter is an ES module, which Jest cannot load. */
it('src/sdk/generated.ts is what schema and operations give (npm run golden writes it)', () => {
  const script = `
    const { generateClientTypes } = require('./src/commands/golden/client-types.ts');
    const schema = require('node:fs').readFileSync('schema/schema.graphql', 'utf8');
    generateClientTypes(schema).then((text) => process.stdout.write(text));`;
  const generated = spawnSync(process.execPath, ['-r', './register.cjs', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(generated.stderr).toBe('');
  expect(generated.stdout).toBe(readFileSync(join(ROOT, 'src/sdk/generated.ts'), 'utf8'));
});
