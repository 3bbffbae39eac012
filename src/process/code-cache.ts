import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { constants, Script } from 'node:vm';

/**
 * A script and, beside it, the code that V8 made of it in an earlier process, by the purpose it was loaded for: most of the
 * time that a large script takes to load is compiling. V8 refuses code of a script of another length, of another version or
 * other flags; a build begins with an empty folder.
 */
export class CodeCache {
  private readonly codeFile: string;
  private script: Script | null = null;
  private found: Buffer | undefined;

  /** `file` holds a function that takes what Node gives a CommonJS module. */
  constructor(
    private readonly file: string,
    purpose = 'none',
  ) {
    this.codeFile = `${file}.${purpose.replace(/\W/g, '-').slice(0, 40)}-${cachedDataVersionTag()}.code`;
  }

  /** Runs the script as a CommonJS module; gives what it exports. */
  load<T>(): T {
    this.found = readIfThere(this.codeFile);
    // Asked for text, Node takes a large file in small pieces, and twice as long.
    this.script = new Script(readFileSync(this.file).toString(), {
      filename: this.file,
      cachedData: this.found,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const module = { exports: {} as T };
    const run = this.script.runInThisContext() as (...args: unknown[]) => void;
    run(module.exports, createRequire(this.file), module, this.file, dirname(this.file));
    return module.exports;
  }

  /** Writes what has been compiled by now, unless it was found. Where nothing can be written, nothing is kept. */
  keep(): void {
    if (!this.script || (this.found && !this.script.cachedDataRejected)) return;
    const whole = `${this.codeFile}.${process.pid}`;
    try {
      writeFileSync(whole, this.script.createCachedData());
      renameSync(whole, this.codeFile);
    } catch {
      rmSync(whole, { force: true });
    }
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
