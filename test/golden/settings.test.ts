import { readFileSync } from 'node:fs';
import { SETTINGS_FILE, settingsPage } from '../../src/commands/golden/settings-page';

it('docs/operations/settings.md says what src/config says (npm run golden writes it)', () => {
  expect(readFileSync(SETTINGS_FILE, 'utf8')).toBe(settingsPage());
});
