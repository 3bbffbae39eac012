import { runCommand } from './command.fixture';

test('a command that is misspelt is named with the one that is meant', async () => {
  expect(await runCommand(['strat'])).toMatchObject({
    code: 2,
    text: 'There is no command "strat". Did you mean "start"?\n',
  });
  const { code, text } = await runCommand(['x'.repeat(10_000)]);
  expect(code).toBe(2);
  expect(text).toBe(`There is no command "${'x'.repeat(60)}". \`praxis help\` lists them.\n`);
});

test('version and help answer themselves alone, whatever the settings are', async () => {
  const wrong = { PORT: 'abc' };
  for (const word of ['--version', '-v', 'version']) {
    const { code, text } = await runCommand([word], wrong);
    expect([code, text]).toEqual([0, expect.stringMatching(/^praxis \d+\.\d+\.\d+ on Node \d+/)]);
  }
  const all = await runCommand(['help'], wrong);
  expect(all.code).toBe(0);
  expect(all.text).toMatch(/^ {2}start .*\n/m);
  expect(all.text).toMatch(/^ {2}PORT .*Default: 4000\.\n/m);
  for (const args of [
    ['help', 'work'],
    ['work', '--help'],
  ]) {
    const { code, text } = await runCommand(args, wrong);
    expect([code, text]).toEqual([0, expect.stringMatching(/^praxis work\n/)]);
    expect(text).not.toContain('PORT');
  }
  expect((await runCommand(['help', 'strat'])).text).toContain('Did you mean "start"?');
});

test('an argument that nobody reads is refused', async () => {
  const { code, told } = await runCommand(['start', '--port', '5000']);
  expect([code, told]).toEqual([2, ['start takes no arguments, so not "--port"; `praxis help` lists the settings.']]);
});

test('settings that are wrong are told before anything starts', async () => {
  const { code, told } = await runCommand(['start'], { PORT: 'abc', PRAXIS_DATADIR: '/x' });
  expect(code).toBe(1);
  expect(told).toEqual([
    'Some settings are wrong:',
    '  PRAXIS_DATADIR: is not a setting. Did you mean PRAXIS_DATA_DIR?',
    '  PORT: must be a whole number from 0 to 65535, not "abc".',
    '`praxis help` lists all of them.',
  ]);
});
