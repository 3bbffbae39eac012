// Draws text as a terminal shows it, for the README, as SVG in both themes:
//   npm run quickstart -- seeds/machines.csv --target machine_failure 2>&1 | node docs/images/terminal.cjs > docs/images/quickstart.svg
const { readFileSync } = require('node:fs');

const COMMAND = 'npm run quickstart -- seeds/machines.csv --target machine_failure';
const COLUMNS = 104;
const SIZE = { font: 13, line: 18, column: 7.83, margin: 18 };

// Without what npm prints first, what a terminal writes over while the job goes on, the advice at the end and the machine's paths.
const output = readFileSync(0, 'utf8')
  .split('\n')
  .filter((line) => !/^(> |Building|\w+ +\d+ %)/.test(line))
  .join('\n')
  .replace(/\nWhat next\n[^]*/, '')
  .trim()
  .replaceAll(`${process.cwd()}/`, '');
const lines = [
  `$ ${COMMAND}`,
  ...output.split('\n').map((line) => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 2)} …` : line)),
];

const escape = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
const isTitle = (line) => /^[A-Z][^:]*$/.test(line);
const classOf = (line, i) => (i === 0 ? ' class="command"' : isTitle(line) ? ' class="title"' : '');
const width = Math.ceil(COLUMNS * SIZE.column + 2 * SIZE.margin);
const height = lines.length * SIZE.line + 2 * SIZE.margin;
const text = lines.map((line, i) => {
  const y = SIZE.margin + (i + 1) * SIZE.line - 5;
  return `<text x="${SIZE.margin}" y="${y}"${classOf(line, i)}>${escape(line)}</text>`;
});

process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(COMMAND)}</title>
<style>
text { font: ${SIZE.font}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1b1f2a; white-space: pre; }
rect { fill: #f7f8fa; stroke: #d9dde5; }
.command { fill: #2f4bc4; font-weight: 600; }
.title { font-weight: 700; }
@media (prefers-color-scheme: dark) {
  text { fill: #dfe3ec; }
  rect { fill: #12141a; stroke: #323846; }
  .command { fill: #97abff; }
}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${text.join('\n')}
</svg>
`);
