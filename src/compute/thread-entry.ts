import { extname, resolve } from 'node:path';

/** Where Piscina finds `workers/<name>`: the built file in `dist`, or the TypeScript source with its compile hook. */
export function threadEntry(name: string): { filename: string; execArgv: string[] } {
  const extension = extname(__filename);
  return {
    filename: resolve(__dirname, '../../workers', name + extension),
    execArgv: extension === '.ts' ? ['-r', resolve(__dirname, '../../register.cjs')] : [],
  };
}
