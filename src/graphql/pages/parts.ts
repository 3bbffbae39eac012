import { join } from 'node:path';
import { quoted } from './key-folder';

/** What this server offers, and how to begin: for the page at `/` and for programs that ask there. */

export interface Part {
  /** Its field in the JSON answer. */
  id: string;
  name: string;
  address: string;
  /** Something to open in a browser. */
  isPage: boolean;
  meaning: string;
}

/** On this server, at a path; or, without one, elsewhere. */
type Entry = Omit<Part, 'address'> & ({ path: string; scheme?: 'ws' } | { file: string });

const ENTRIES: Entry[] = [
  { id: 'graphql', name: 'GraphQL', path: '/graphql', isPage: false, meaning: 'Queries and mutations by POST.' },
  {
    id: 'subscriptions',
    name: 'Subscriptions',
    path: '/graphql',
    scheme: 'ws',
    isPage: false,
    meaning: 'Events as they happen, over the protocol graphql-transport-ws.',
  },
  {
    id: 'graphiql',
    name: 'GraphiQL',
    path: '/graphiql',
    isPage: true,
    meaning: 'Try requests in the browser, and read what every type and field means.',
  },
  { id: 'health', name: 'Health', path: '/healthz', isPage: true, meaning: 'Whether this process is alive.' },
  {
    id: 'readiness',
    name: 'Readiness',
    path: '/readyz',
    isPage: true,
    meaning: 'Whether it can answer: database and workers.',
  },
  { id: 'metrics', name: 'Metrics', path: '/metrics', isPage: true, meaning: 'For Prometheus.' },
  {
    id: 'documentation',
    name: 'Guides',
    file: 'docs/README.md',
    isPage: false,
    meaning: 'A file in the folder of Praxis: guides, operation, errors. Types and fields are explained in GraphiQL.',
  },
];

/** Those that are there: metrics, for one, may be served at another port. */
export const partsOf = (origin: string, isServed: (path: string) => boolean): Part[] =>
  ENTRIES.filter((entry) => 'file' in entry || isServed(entry.path)).map((entry) => ({
    ...entry,
    address:
      'file' in entry ? entry.file : `${entry.scheme ? origin.replace(/^http/, entry.scheme) : origin}${entry.path}`,
  }));

const request = (origin: string, keyFile: string, query: string): string =>
  [
    `curl -s ${origin}/graphql`,
    `-H "authorization: Bearer $(cat ${keyFile})"`,
    `-H 'content-type: application/json'`,
    `-d '${JSON.stringify({ query })}'`,
  ].join(' \\\n  ');

/** Where the folder of the key files is not told: as the reader, who knows it, has set it. */
const FOLDER_AS_SET = '"$PRAXIS_DATA_DIR"';

/** Commands for a POSIX shell, each of which stands for itself. */
export function firstSteps(origin: string, keyFolder: string | null): { title: string; command: string }[] {
  const keyFile = keyFolder === null ? `${FOLDER_AS_SET}/${DEMO_KEY}` : quoted(join(keyFolder, DEMO_KEY));
  return [
    { title: 'Ask who you are', command: request(origin, keyFile, '{ me { role tenant { name } } }') },
    {
      title: 'From a file to a deployed model',
      command: 'npm run quickstart -- seeds/machines.csv --target machine_failure',
    },
    {
      title: 'Run a documented case from the library',
      command: request(
        origin,
        keyFile,
        'mutation { runCase(input: { slug: "predictive-maintenance" }) { caseRun { id state } } }',
      ),
    },
  ];
}

export const DEMO_KEY = 'demo-api-key';
