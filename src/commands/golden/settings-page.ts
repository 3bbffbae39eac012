import { join } from 'node:path';
import { settingsReference } from '../../config';

export const SETTINGS_FILE = join('docs', 'operations', 'settings.md');

/** The page of all settings, from their own texts. */
export function settingsPage(): string {
  const settings = settingsReference().map(({ name, byDefault, meaning }) => {
    return `- \`${name}\`${byDefault ? ` (\`${byDefault}\`)` : ''}: ${meaning}`;
  });
  return [
    '# Settings',
    '',
    'Environment variables, all optional; the default stands in brackets. `npm run golden` writes this page from `src/config/environment.ts`.',
    'A name with the prefix `PRAXIS_` that is none of these is refused at start, with the nearest one.',
    '',
    ...settings,
    '',
  ].join('\n');
}
