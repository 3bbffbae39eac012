import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { PraxisError } from '../kernel';

/** `bench NAME [--json]`: each file of bench/ is one promise, with `run(args)`. */
export async function bench(args: string[]): Promise<void> {
  const folder = join(__dirname, '..', '..', 'bench');
  const extension = extname(__filename);
  const names = readdirSync(folder)
    .filter(
      (file) => extname(file) === extension && !file.endsWith('.d.ts') && !file.includes('.', file.indexOf('.') + 1),
    )
    .map((file) => file.slice(0, -extension.length));
  const [name, ...rest] = args;
  const file = join(folder, `${name}${extension}`);
  if (!name || !names.includes(name) || !existsSync(file)) {
    throw PraxisError.invalid([
      { path: 'NAME', message: `no benchmark "${name ?? ''}"`, hint: `one of ${names.join(', ')}` },
    ]);
  }
  await (require(file) as { run(args: string[]): Promise<void> }).run(rest);
}
