// Compares schema/schema.graphql with schema/released.graphql, the one that clients were last promised (docs/schema-policy.md).
const fs = require('node:fs');
const path = require('node:path');

/** Safe for documents that are written, yet they give a client answers that it was not written for. */
const TO_BE_LISTED = {
  ENUM_VALUE_ADDED: ({ path: place }) => place,
  UNION_MEMBER_ADDED: ({ meta }) => `${meta.unionName}.${meta.addedUnionMemberTypeName}`,
};

/** What is wrong with a change of the schema, a sentence each. */
async function findings({ released, current, changelog }) {
  const { diff, CriticalityLevel } = require('@graphql-inspector/core');
  const { buildSchema } = require('graphql');
  const changes = await diff(buildSchema(released), buildSchema(current));
  return changes.flatMap((change) => {
    const { criticality, type, message } = change;
    if (criticality.level === CriticalityLevel.Breaking) return [`${change.path}: ${message} This breaks clients.`];
    const place = criticality.level === CriticalityLevel.Dangerous && TO_BE_LISTED[type]?.(change);
    if (!place || changelog.includes(`\`${place}\``)) return [];
    return [`${place}: ${message} List it in CHANGELOG.md as \`${place}\`, so that clients learn of it.`];
  });
}

async function main() {
  const read = (...parts) => fs.readFileSync(path.join(__dirname, ...parts), 'utf8');
  const found = await findings({
    released: read('schema', 'released.graphql'),
    current: read('schema', 'schema.graphql'),
    changelog: read('CHANGELOG.md'),
  });
  for (const finding of found) console.error(finding);
  if (found.length > 0) process.exit(1);
}

module.exports = { findings };
if (require.main === module) main();
