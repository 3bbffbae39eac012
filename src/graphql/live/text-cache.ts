interface Entry {
  text: Promise<string>;
  /** 0 while it is being made. */
  characters: number;
}

/** Texts that were made lately, by name, up to a number of characters; each is made once while it is here. */
export class TextCache {
  private readonly entries = new Map<string, Entry>();
  private characters = 0;

  constructor(private readonly charactersMax: number) {}

  get(name: string, make: () => Promise<string>): Promise<string> {
    const known = this.entries.get(name);
    if (known) return known.text;
    const entry = { text: make(), characters: 0 };
    this.entries.set(name, entry);
    entry.text.then(
      (text) => this.count(name, entry, name.length + text.length),
      () => this.drop(name, entry),
    );
    return entry.text;
  }

  private count(name: string, entry: Entry, characters: number): void {
    if (this.entries.get(name) !== entry) return;
    entry.characters = characters;
    this.characters += characters;
    for (const [oldestName, oldest] of this.entries) {
      if (this.characters <= this.charactersMax) return;
      this.drop(oldestName, oldest);
    }
  }

  private drop(name: string, entry: Entry): void {
    if (this.entries.get(name) !== entry) return;
    this.entries.delete(name);
    this.characters -= entry.characters;
  }
}
