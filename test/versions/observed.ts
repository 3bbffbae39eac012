import { createHash } from 'node:crypto';
import type { Answer, VersionClient } from './client';

/** Lists of a tenant and what each object says of itself. They stand for every later version: fields of the API stay. */
const LISTS = [
  `{ tenant { slug name plan } }`,
  `{ datasets(first: 20) { edges { node { id name format createdAt latestUpload { state }
       versions(first: 3) { edges { node { id } } } } } } }`,
  `{ pipelines(first: 20) { edges { node { id name version createdAt versions(first: 3) { edges { node {
       id version steps { id kind parameters } edges { from to } } } } } } } }`,
  `{ runs(first: 20) { edges { node { id name tags state seed progress attempt createdAt finishedAt } } } }`,
  `{ models(first: 20) { edges { node { id name versions(first: 3) { edges { node { id } } } } } } }`,
  `{ deployments(first: 20) { edges { node { id name state revision precision recordFraction onUnusualInput createdAt
       modelVersion { id } } } } }`,
  `{ pretrainedModels(first: 20) { edges { node { id name state inputShape parameterCount layers { type } } } } }`,
  `{ caseRuns(first: 20) { edges { node { id state seed met error { message } case { slug }
       checks { metric expected tolerance actual met } datasetVersion { id } run { id } deployment { id } prediction { id } } } } }`,
];

const DATASET_VERSION = `query ($id: ID!) { datasetVersionById(id: $id) { version rowCount contentHash createdAt
  columns { name type role format missingCount distinctCount minimum maximum mean } findings { code column }
  preview(first: 3) { rows } } }`;

const RUN = `query ($id: ID!) { runById(id: $id) { splitCounts { train validation test } findings { code column }
  error { code path } leaderboard { candidate family metric score parameters } executor { executor provider threads }
  evaluation { rowCount metrics { name target value } confusionMatrix { labels counts } }
  metricHistory { endSequence series { candidate split name points { step epoch value } } }
  datasetVersion { id } pipelineVersion { id } modelVersion { id } } }`;

const MODEL_VERSION = `query ($id: ID!) { modelVersionById(id: $id) { version createdAt run { id }
  card { task family target targets { name labels } labels parameters parameterCount threshold inputs { name }
    warnings { code } leftOut { column } }
  variants { precision byteCount metrics { name value } } } }`;

const PREDICTIONS = `query ($id: ID!) { predictions(deploymentId: $id, first: 20) { totalCount
  edges { node { id createdAt input value scores { label probability } notes { column kind } precision modelVersion { id } } } } }`;

const LINEAGE = `query ($id: ID!) { lineage(nodeId: $id) { truncated nodes { id kind label } edges { from to kind } } }`;

const FILES = `query ($version: ID!) { modelVersionById(id: $version) { variants { precision downloadPath } } }`;
const TABLES = `query ($version: ID!) { datasetVersionById(id: $version) {
  parquet: downloadPath csv: downloadPath(format: CSV) } }`;

const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) { values probabilities anomalous targetValues
  modelVersion { id } predictions { value anomalous scores { label probability } targets { target value scores { label probability } }
    notes { column kind } } } }`;

export const RESUME = 'mutation ($input: ResumeRunInput!) { resumeRun(input: $input) { run { id } } }';

/** Rows that clients send, by the name of the deployment that answers them. */
export type Questions = Record<string, Record<string, unknown>[]>;

/** Everything that a tenant reads: lists, each object, recorded predictions, origins, checksums of files. */
export async function observedLists(client: VersionClient): Promise<Answer> {
  const lists: Answer = {};
  for (const list of LISTS) Object.assign(lists, await client.ask(list));
  const versionsIn = (connection: Answer): string[] =>
    nodesOf(connection).flatMap(({ versions }) => nodesOf(versions).map(({ id }) => id));
  const [tables, models] = [versionsIn(lists.datasets), versionsIn(lists.models)];
  const runs = nodesOf(lists.runs).map(({ id }) => id);
  const objects: Answer = {};
  for (const [query, ids] of [
    [DATASET_VERSION, tables],
    [RUN, runs],
    [MODEL_VERSION, models],
  ] as const)
    // prettier-ignore
    for (const id of ids) objects[id] = Object.values(await client.ask(query, { id }))[0];
  const byDeployment: Answer = {};
  for (const { id, name } of nodesOf(lists.deployments)) {
    const { predictions } = await client.ask(PREDICTIONS, { id });
    byDeployment[name] = { predictions, lineage: ordered((await client.ask(LINEAGE, { id })).lineage) };
  }
  return { lists, objects, byDeployment, checksums: await checksumsOf(client, tables, models) };
}

/** Of tables in each form, and of models in each precision. */
async function checksumsOf(client: VersionClient, tables: string[], models: string[]): Promise<Answer> {
  const checksums: Answer = {};
  const add = async (name: string, path: string) => (checksums[name] = checksum(await client.download(path)));
  for (const id of models) {
    const { variants } = (await client.ask(FILES, { version: id })).modelVersionById;
    for (const { precision, downloadPath } of variants) await add(`${id} ${precision}`, downloadPath);
  }
  for (const id of tables) {
    const { parquet, csv } = (await client.ask(TABLES, { version: id })).datasetVersionById;
    await add(`${id} PARQUET`, parquet);
    await add(`${id} CSV`, csv);
  }
  return checksums;
}

/** What each deployment answers. */
export async function observedAnswers(client: VersionClient, questions: Questions): Promise<Answer> {
  const answers: Answer = {};
  for (const [deployment, rows] of Object.entries(questions)) {
    answers[deployment] = (await client.ask(PREDICT, { input: { deployment, rows } })).predict;
  }
  return answers;
}

export const nodesOf = (connection: Answer): Answer[] => connection.edges.map((edge: Answer) => edge.node);

const checksum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function ordered({ nodes, edges, truncated }: Answer) {
  const byText = (a: Answer, b: Answer) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return { truncated, nodes: nodes.sort(byText), edges: edges.sort(byText) };
}
